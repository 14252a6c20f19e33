#include "calibrate/variant_spread.h"

#include <gtest/gtest.h>

#include "base/random_draws.h"

namespace loopgate::variant_spread_test {
namespace {

// Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, 3rd ed., example 6.1's shape, by hand: ranks
// 1 to 9 in three groups of three, wholly apart: H = 12 / 90 * (36 + 225 + 576) / 3 - 30 = 7.2.
TEST(RankTest, GivesTheStatisticOfGroupsThatAreWhollyApart) {
  const RankTest test = rank_test({1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 9'999, 1);
  EXPECT_NEAR(test.statistic, 7.2, 1e-12);
  EXPECT_NEAR(test.p, 6.0 / 1680, 0.003);  // 3! of the 9! / (3!)^3 ways
}

TEST(RankTest, SharesTheRanksOfEqualFigures) {
  // Ranks 1.5, 1.5 and 3.5, 3.5: H = 12 / 20 * (9 + 49) / 2 - 15 = 2.4, divided by 1 - 12 / 60.
  EXPECT_NEAR(rank_test({1, 1, 2, 2}, 2, 99, 1).statistic, 3.0, 1e-12);
  const RankTest none = rank_test({5, 5, 5, 5}, 2, 99, 1);
  EXPECT_EQ(none.statistic, 0);
  EXPECT_EQ(none.p, 1);
}

TEST(RankTest, FindsNothingWhereThereIsNothingAsRarelyAsItsPSays) {
  RandomDraws random(11);
  int rare = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<double> figures;
    for (int i = 0; i < 24; ++i) figures.push_back(static_cast<double>(random.below(1'000)));
    if (rank_test(figures, 4, 199, random.next()).p <= 0.05) ++rare;
  }
  EXPECT_LE(rare, 40);  // 20 are expected; 4.6 standard deviations
  EXPECT_GE(rare, 3);
}

}  // namespace
}  // namespace loopgate::variant_spread_test
