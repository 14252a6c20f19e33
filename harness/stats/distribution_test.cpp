#include "stats/distribution.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

namespace loopgate::distribution_test {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

TEST(HistogramEdges, AreOneGridFromZeroToTheLargest) {
  const auto& edges = histogram_edges();
  EXPECT_EQ(edges.front(), 0);
  EXPECT_EQ(edges.back(), largest);
  EXPECT_TRUE(std::is_sorted(edges.begin(), edges.end()));
  EXPECT_EQ(std::adjacent_find(edges.begin(), edges.end()), edges.end());
  for (std::int64_t decade = 1; decade <= 1'000'000'000'000'000; decade *= 10) {
    const auto at = std::find(edges.begin(), edges.end(), decade);
    ASSERT_NE(at, edges.end()) << decade;
    if (decade >= 100) {
      EXPECT_EQ(*(at + 64), 10 * decade);
    }
  }
  EXPECT_TRUE(std::binary_search(edges.begin(), edges.end(), 10'366));  // round(10^4 * 10^(1/64))
}

TEST(HistogramOf, LowerEdgeIsInAndUpperIsOut) {
  const Histogram histogram = histogram_of({0, 0, 1, 10'000, 10'365, 10'366});
  EXPECT_THAT(histogram.lower_ns, ElementsAre(0, 1, 10'000, 10'366));
  EXPECT_THAT(histogram.upper_ns, ElementsAre(1, 2, 10'366, 10'746));
  EXPECT_THAT(histogram.count, ElementsAre(2, 1, 2, 1));
}

TEST(HistogramOf, LosesNothingHoweverFarOut) {
  const Histogram histogram = histogram_of({-7, -1, 0, largest - 1, largest});
  EXPECT_THAT(histogram.count, ElementsAre(2, 1, 2));
  EXPECT_EQ(histogram.lower_ns.front(), -7);
  EXPECT_EQ(histogram.upper_ns.front(), 0);
  EXPECT_TRUE(histogram_of({}).count.empty());
}

TEST(HistogramOf, PutsEverySampleIntoTheBinThatHoldsIt) {
  std::mt19937_64 random(3);
  std::vector<std::int64_t> values(20'000);
  for (std::int64_t& value : values) value = static_cast<std::int64_t>(random() >> (1 + random() % 63));
  std::sort(values.begin(), values.end());
  const Histogram histogram = histogram_of(values);
  EXPECT_EQ(std::accumulate(histogram.count.begin(), histogram.count.end(), std::uint64_t{0}), values.size());
  for (std::size_t i = 0; i < histogram.count.size(); ++i) {
    const auto within = std::count_if(values.begin(), values.end(), [&](std::int64_t value) {
      return value >= histogram.lower_ns[i] && value < histogram.upper_ns[i];
    });
    ASSERT_EQ(static_cast<std::uint64_t>(within), histogram.count[i]);
    ASSERT_GT(histogram.count[i], 0U);
  }
}

TEST(ExceedanceOf, CountsWhatIsAbove) {
  const Exceedance exceedance = exceedance_of({5, 5, 7, 9});
  EXPECT_THAT(exceedance.latency_ns, ElementsAre(5, 7, 9));
  EXPECT_THAT(exceedance.count_above, ElementsAre(2, 1, 0));
  EXPECT_EQ(exceedance.of, 4U);
  EXPECT_TRUE(exceedance_of({}).latency_ns.empty());
}

TEST(ExceedanceOf, ThinsButKeepsTheTailAndTheSmallest) {
  std::vector<std::int64_t> values(100'000);
  std::iota(values.begin(), values.end(), 1'000);
  const Exceedance exceedance = exceedance_of(values);
  ASSERT_EQ(exceedance.latency_ns.size(), 2'000U);
  EXPECT_EQ(exceedance.latency_ns.front(), 1'000);
  for (std::int64_t i = 0; i < 500; ++i)
    ASSERT_EQ(exceedance.latency_ns[exceedance.latency_ns.size() - 1 - static_cast<std::size_t>(i)],
              100'999 - i);
  EXPECT_EQ(exceedance.count_above.back(), 0U);
  for (std::size_t i = 0; i < exceedance.latency_ns.size(); ++i)
    ASSERT_EQ(exceedance.count_above[i], static_cast<std::uint64_t>(100'999 - exceedance.latency_ns[i]));
  EXPECT_EQ(std::adjacent_find(exceedance.latency_ns.begin(), exceedance.latency_ns.end()),
            exceedance.latency_ns.end());
}

}  // namespace
}  // namespace loopgate::distribution_test
