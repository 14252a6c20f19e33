#include "stats/work_figures.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

// 400 decisions in 2 s, of 4.9 ms each.
Summary summary() {
  Summary summary;
  summary.decisions = DecisionCounts{.ok = 300, .ng = 100, .span_ns = 2'000'000'000};
  summary.work = PayloadWork{405,
                             {{"loop", 405 * 4'560'000ULL}, {"preparing", 405 * 310'000ULL}},
                             {{"capture", 405 * 51'200ULL}, {"network", 405 * 700'000ULL}},
                             true};
  return summary;
}

TEST(WorkFigures, AreOfADecision) {
  const auto figures = work_figures_of(summary());
  ASSERT_TRUE(figures);
  ASSERT_EQ(figures->threads.size(), 2U);
  EXPECT_DOUBLE_EQ(figures->threads[0].ns_a_decision, 4'560'000);
  EXPECT_DOUBLE_EQ(*figures->threads[0].share, 0.912);
  EXPECT_DOUBLE_EQ(*figures->threads[1].share, 0.062);
  EXPECT_DOUBLE_EQ(figures->ns_a_decision(), 4'870'000);
  EXPECT_DOUBLE_EQ(figures->bytes_a_decision(), 751'200);
}

TEST(WorkFigures, SayWhoAndHowMuch) {
  EXPECT_EQ(
      text_of(*work_figures_of(summary())),
      "a decision takes 4,870 us of CPU time: loop 4,560 us (91.2 % of a CPU), preparing 310.0 us (6.2 % of "
      "a CPU), both on one CPU; it moves 751,200 bytes of memory, computed from sizes");
}

TEST(WorkFigures, WithoutARateThereIsNoShare) {
  Summary one = summary();
  one.decisions->span_ns = 0;
  const auto figures = work_figures_of(one);
  EXPECT_FALSE(figures->threads[0].share);
  EXPECT_TRUE(to_json(*figures)["threads"][0]["share_of_a_cpu"].is_null());
}

TEST(WorkFigures, AreNoneWhereThePayloadSaidNothing) {
  Summary one = summary();
  one.work.reset();
  EXPECT_FALSE(work_figures_of(one));
}

TEST(WorkFigures, ArePooledFromTheCells) {
  CellStatistics all, first, second;
  first.work = summary().work;
  second.work = summary().work;
  second.work->cpu_ns[0].amount *= 3;
  pool(first, &all);
  pool(CellStatistics(), &all);  // whose payload said nothing
  pool(second, &all);
  Summary pooled = summary();
  pooled.work = all.work;
  EXPECT_DOUBLE_EQ(work_figures_of(pooled)->threads[0].ns_a_decision, 2 * 4'560'000);
  EXPECT_DOUBLE_EQ(work_figures_of(pooled)->bytes_a_decision(), 751'200);
}

}  // namespace
}  // namespace loopgate
