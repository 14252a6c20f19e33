#include "gate/kernel_ranking.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::kernel_ranking_test {
namespace {

using ::testing::HasSubstr;
using testing::make_statistics;
using testing::make_wall_statistics;

using Boots = std::vector<std::vector<std::int64_t>>;

// As many as resolve p99.9, which is this.
std::vector<std::int64_t> tail_of(std::int64_t us) {
  std::vector<std::int64_t> latencies(3'000, 10'000);
  std::fill_n(latencies.begin(), 10, us * 1'000);
  return latencies;
}

Boots boots_of(const std::vector<std::int64_t>& maxima_us) {
  Boots boots;
  for (const std::int64_t us : maxima_us) boots.push_back(tail_of(us));
  return boots;
}

class Order : public ::testing::Test {
 protected:
  Comparison bench_ = make_statistics(
      {{"generic", "mixed", tail_of(577)}, {"rt", "mixed", tail_of(37)}, {"tuned", "mixed", tail_of(25)}});
  Comparison board_of(const Boots& generic, const Boots& rt) const {
    return make_wall_statistics({{"generic", "mixed", generic}, {"rt", "mixed", rt}});
  }
  KernelRanking order(const Comparison& board) const {
    auto result = rank_kernels(board, bench_, "bench", 0.95);
    EXPECT_TRUE(result) << result.error().what;
    return result ? *result : KernelRanking{};
  }
  std::string refusal(const Comparison& board, const Comparison& bench) const {
    const auto result = rank_kernels(board, bench, "bench", 0.95);
    if (result) return "accepted";
    EXPECT_EQ(result.error().kind, ErrorKind::usage);
    return result.error().what;
  }
};

TEST_F(Order, AgreesWhenTheFasterOneIsTheFasterOne) {
  const KernelRanking seen = order(board_of(boots_of({900, 100, 800}), boots_of({90, 80, 70})));
  ASSERT_EQ(seen.orders.size(), 2U);
  EXPECT_EQ(seen.orders[0].quantity, "p99_9");
  EXPECT_EQ(seen.orders[1].quantity, "max");
  EXPECT_EQ(seen.orders[1].on_board[0].kernel, "rt");
  EXPECT_EQ(seen.orders[1].on_board[0].ns, 80'000) << "the boot in the middle";
  EXPECT_EQ(seen.orders[1].in_virtual_time[1].ns, 577'000);
  EXPECT_EQ(agreement_text(seen.orders[1]), "agrees");
  EXPECT_EQ(ranking_text(seen).substr(0, 79),
            "order by p99.9 under load mixed: virtual rt < generic, board rt < generic: agre");
}

TEST_F(Order, ADisagreementIsShownAsSuch) {
  const KernelRanking seen = order(board_of(boots_of({50, 51, 52, 53}), boots_of({90, 80, 70, 95})));
  ASSERT_EQ(seen.orders[1].swapped.size(), 1U);
  EXPECT_TRUE(seen.orders[1].swapped[0].beyond_chance);
  EXPECT_EQ(agreement_text(seen.orders[1]),
            "DISAGREES: rt is faster than generic in virtual time, and slower on the board");
}

TEST_F(Order, SaysWhereSoFewBootsMayShowItByChance) {
  const KernelRanking seen = order(board_of(boots_of({50, 51, 52}), boots_of({90, 80, 70})));
  ASSERT_EQ(seen.orders[1].swapped.size(), 1U);
  EXPECT_FALSE(seen.orders[1].swapped[0].beyond_chance);
  EXPECT_THAT(agreement_text(seen.orders[1]), HasSubstr("(which so few boots may show by chance)"));
}

TEST_F(Order, EqualFiguresAgreeWithEitherOrder) {
  EXPECT_TRUE(order(board_of(boots_of({50}), boots_of({50}))).orders[1].swapped.empty());
}

TEST_F(Order, WhatIsNotMeasuredWholeIsLeftOutAndSaid) {
  Comparison board =
      make_wall_statistics({{"generic", "mixed", boots_of({90})},
                            {"rt", "mixed", boots_of({50})},
                            {"tuned", "mixed", boots_of({1}), {{"tuned.mixed.2", "invalid", "it throttled"}}},
                            {"new", "mixed", boots_of({1})},
                            {"rt", "idle", boots_of({1})}});
  const KernelRanking seen = order(board);
  ASSERT_EQ(seen.orders.size(), 2U);
  EXPECT_EQ(seen.orders[0].on_board.size(), 2U);
  ASSERT_EQ(seen.left_out.size(), 3U);
  EXPECT_EQ(seen.left_out[0].why, "is not measured whole on the board: tuned.mixed.2: it throttled");
  EXPECT_EQ(seen.left_out[1].why, "is not measured in the virtual run");
  EXPECT_EQ(seen.left_out[2].load, "idle");
}

TEST_F(Order, AQuantileOfTooFewStimuliHasNone) {
  const KernelRanking seen = order(board_of({{10'000, 90'000}}, {{10'000, 50'000}}));
  ASSERT_EQ(seen.orders.size(), 1U);
  EXPECT_EQ(seen.orders[0].quantity, "max");
  ASSERT_EQ(seen.left_out.size(), 2U);
  EXPECT_EQ(seen.left_out[0].why, "has too few stimuli for p99.9 on the board, in each boot");
}

TEST_F(Order, RefusesWhatIsNoBoardAndItsBench) {
  const Comparison board = board_of(boots_of({90}), boots_of({50}));
  EXPECT_EQ(refusal(board, bench_), "accepted");
  EXPECT_THAT(refusal(bench_, bench_), HasSubstr("is held against a run in virtual time"));
  EXPECT_THAT(refusal(board, board),
              HasSubstr("is of wall-clock time, and --compare-order takes a run in virtual"));
  Comparison other = bench_;
  other.suite.sha256 = "suite-2";
  EXPECT_THAT(refusal(board, other), HasSubstr("is of suite irq-to-gpio (suite-2)"));
}

TEST_F(Order, WithoutTwoKernelsInCommonThereIsNoneAndNoError) {
  const Comparison board = board_of(boots_of({90}), boots_of({50}));
  bench_.loads[0].sha256 = "load-2";
  KernelRanking seen = order(board);
  EXPECT_TRUE(seen.orders.empty());
  ASSERT_EQ(seen.left_out.size(), 2U);
  EXPECT_EQ(seen.left_out[0].why, "the load is defined differently in the two runs");
  bench_.loads[0].sha256 = "load-1";
  bench_.groups.resize(1);
  seen = order(board);
  EXPECT_TRUE(seen.orders.empty());
  EXPECT_THAT(ranking_text(seen),
              HasSubstr("no two kernels under one load that both runs have measured whole"));
}

}  // namespace
}  // namespace loopgate::kernel_ranking_test
