#include "extremes/clusters.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "extremes/testing/samples.h"

namespace loopgate::clusters_test {
namespace {

using testing::Drawn;
using ::testing::ElementsAre;
using testing::Random;

Exceedances above(const Drawn& drawn, std::int64_t threshold_ns) {
  return exceedances_above(testing::in_order(drawn), threshold_ns);
}

TEST(Clusters, IndependentExceedancesAreAllPeaks) {
  Random random(1);
  const Exceedances found = above(testing::replicates_of(8, 5'000, testing::exponential, &random), 35'000);
  EXPECT_GT(found.extremal_index, 0.9);
  EXPECT_EQ(found.peaks_ns.size(), found.count);
  EXPECT_EQ(found.design_effect, 1);
}

TEST(Clusters, WhatDelaysTheNextTwoIsOneEvent) {
  Random random(1);
  const Drawn all = testing::clustered(testing::replicates_of(8, 5'000, testing::exponential, &random), 3);
  const Exceedances found = above(all, 40'000);
  EXPECT_NEAR(found.mean_cluster(), 2.6, 0.3);  // the later ones are 1 and 2 us less, of a mean of 5
  EXPECT_LT(found.extremal_index, 0.5);
  EXPECT_GT(found.design_effect, found.mean_cluster()) << "clusters of unequal size say even less";
}

TEST(Clusters, APeakIsTheLargestOfItsCluster) {
  std::vector<std::int64_t> latencies(1'000, 10);
  for (const std::size_t at : {100U, 300U, 500U, 700U, 900U}) {
    latencies[at] = 110;
    latencies[at + 1] = 150;
    latencies[at + 2] = 120;
  }
  const Exceedances found = above({latencies, {10, 200, 10}}, 100);
  EXPECT_EQ(found.count, 16U);
  EXPECT_THAT(found.peaks_ns, ElementsAre(50, 50, 50, 50, 50, 100));
  EXPECT_THAT(found.peaks_of_replicate, ElementsAre(5, 1));
}

TEST(Clusters, AnEndOfAReplicateEndsACluster) {
  const Exceedances found = above({{10, 200}, {200, 10}}, 100);
  EXPECT_THAT(found.peaks_of_replicate, ElementsAre(1, 1));
}

TEST(Clusters, NothingAboveIsNoPeak) {
  const Exceedances found = above({{10, 20}, {}}, 100);
  EXPECT_EQ(found.count, 0U);
  EXPECT_TRUE(found.peaks_ns.empty());
}

TEST(Clusters, OneLongEventIsOnePeak) {
  EXPECT_EQ(above({std::vector<std::int64_t>(50, 200)}, 100).peaks_ns.size(), 1U);
}

TEST(Clusters, ReplicatesThatDifferAreDispersed) {
  EXPECT_EQ(dispersion_of({10, 10, 10, 10}), 1);  // chance does not make it surer
  EXPECT_NEAR(dispersion_of({0, 0, 0, 40}), 40, 1e-9);
  EXPECT_EQ(dispersion_of({0, 40}), 1);
  EXPECT_EQ(dispersion_of({0, 0, 0}), 1);
}

// A budget's question, of which half of all stimuli may be above, keeps no peaks.
TEST(Clusters, TheDesignEffectAloneIsTheSame) {
  Random random(2);
  for (const std::size_t length : {1U, 2U, 5U}) {
    const Drawn all =
        testing::clustered(testing::replicates_of(4, 5'000, testing::exponential, &random), length);
    for (const std::int64_t threshold_ns : {20'000, 24'000, 30'000, 45'000, 60'000, 1'000'000'000})
      EXPECT_EQ(design_effect_above(testing::in_order(all), threshold_ns),
                above(all, threshold_ns).design_effect)
          << length << ", " << threshold_ns;
  }
}

TEST(Clusters, TheLargestOfAllReplicates) {
  Random random(3);
  const Drawn all = testing::replicates_of(3, 700, testing::heavy, &random);
  std::vector<std::int64_t> sorted;
  for (const auto& each : all) sorted.insert(sorted.end(), each.begin(), each.end());
  std::sort(sorted.begin(), sorted.end());
  for (const std::size_t most : {0U, 1U, 100U, 2'100U, 9'000U}) {
    const std::size_t count = std::min<std::size_t>(most, sorted.size());
    EXPECT_EQ(largest_of(testing::in_order(all), most),
              std::vector<std::int64_t>(sorted.end() - static_cast<std::ptrdiff_t>(count), sorted.end()));
  }
  EXPECT_THAT(largest_of(testing::in_order({{7, 7}, {7, 5}}), 2), ElementsAre(7, 7))
      << "of equal ones as many";
}

TEST(Clusters, BlocksKeepToTheirReplicate) {
  const Drawn drawn = {{1, 5, 2, 3, 9}, {7}, {4, 6}};
  EXPECT_THAT(block_maxima(testing::in_order(drawn), 2), ElementsAre(5, 3, 6));
}

}  // namespace
}  // namespace loopgate::clusters_test
