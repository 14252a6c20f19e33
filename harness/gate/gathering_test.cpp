#include "gate/gathering.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace loopgate::gathering_test {
namespace {

std::vector<ReplicateShare> shares(const std::vector<std::uint64_t>& above, std::uint64_t total = 1'000) {
  std::vector<ReplicateShare> replicates;
  for (const std::uint64_t each : above) replicates.push_back({each, total});
  return replicates;
}

TEST(Gathering, OfAllInOneReplicateIsHardlyChance) {
  EXPECT_DOUBLE_EQ(chance_of_gathering(shares({5, 0, 0, 0})), 4 * std::pow(0.25, 5));
  EXPECT_LT(chance_of_gathering(shares({0, 0, 0, 12, 0, 0, 0, 0})), 1e-8);
}

TEST(Gathering, OfWhatIsSpreadIsChance) {
  EXPECT_EQ(chance_of_gathering(shares({3, 2, 3, 2})), 1);
  EXPECT_EQ(chance_of_gathering(shares({1, 0, 0, 0})), 1);
  EXPECT_GT(chance_of_gathering(shares({2, 0, 0, 0})), gathering_by_chance);
}

TEST(Gathering, NeedsSomethingToGatherAndPlacesToDoSo) {
  EXPECT_EQ(chance_of_gathering({}), 1);
  EXPECT_EQ(chance_of_gathering(shares({7})), 1);
  EXPECT_EQ(chance_of_gathering(shares({0, 0})), 1);
  EXPECT_EQ(chance_of_gathering({{CountRange(0, 9), 1'000}, {0, 1'000}}), 1) << "bounds say nothing of it";
}

TEST(Gathering, TakesALongerReplicateForWhatItIs) {
  EXPECT_EQ(chance_of_gathering({{90, 9'000}, {10, 1'000}}), 1);
  EXPECT_LT(chance_of_gathering({{90, 1'000}, {10, 9'000}}), 1e-9);
}

// Independent stimuli are taken for gathered in at most 1 of 100 runs.
TEST(Gathering, IsSeenBySheerChanceAsRarelyAsItSays) {
  std::mt19937_64 random(3);
  for (const double share : {0.0005, 0.005, 0.05}) {
    std::binomial_distribution<int> exceeding(1'250, share);
    constexpr int rounds = 20'000;
    int gathered = 0;
    for (int round = 0; round < rounds; ++round) {
      std::vector<std::uint64_t> above;
      for (int i = 0; i < 8; ++i) above.push_back(static_cast<std::uint64_t>(exceeding(random)));
      gathered += chance_of_gathering(shares(above, 1'250)) < gathering_by_chance ? 1 : 0;
    }
    EXPECT_LE(gathered, rounds * gathering_by_chance + 4 * std::sqrt(rounds * 0.01)) << share;
  }
}

}  // namespace
}  // namespace loopgate::gathering_test
