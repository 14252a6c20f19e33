#include "stats/kernel_figures.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "stats/histogram_tail.h"

namespace loopgate::kernel_figures_test {
namespace {

ProgramReplicate with(std::vector<ProgramFigure> figures) {
  ProgramReplicate replicate;
  replicate.cell = "rt.idle";
  replicate.result.verdict = ProgramVerdict::pass;
  replicate.result.figures = std::move(figures);
  return replicate;
}

// One latency from `us` to below one more; or, with `open`, above it without an end.
ProgramReplicate with_largest(std::int64_t us, bool open = false) {
  ProgramReplicate replicate = with({{"max", static_cast<double>(us), "us", "CLOCK_MONOTONIC", 1}});
  LatencyHistogram histogram;
  histogram.bin_width_ns = histogram.resolution_ns = 1'000;
  histogram.count.resize(static_cast<std::size_t>(us) + 1);
  histogram.count.back() = open ? 0 : 1;
  histogram.overflow = open ? 1 : 0;
  if (!open) histogram.max_ns = us * 1'000;
  replicate.tail = std::make_shared<HistogramTail>(HistogramTail::make(histogram).value());
  return replicate;
}

TEST(HalfJitter, IsHalfOfWhatLiesBetweenTheEnds) {
  LatencyFigures figures{};
  figures.jitter = 739'163;
  EXPECT_EQ(half_jitter_ns(figures), 369'581.5);
}

TEST(ChiefSpread, IsFromTheSmallestToTheLargestReplicate) {
  const ProgramEvidence evidence{
      "x", {with({{"rate", 5, "a second", "", 0}}), with({{"rate", 3, "a second", "", 0}})}};
  EXPECT_EQ(chief_spread(evidence), (FigureSpread{"rate", "a second", 3, 5}));
  EXPECT_EQ(to_json(chief_spread(evidence)).dump(),
            R"({"figure":"rate","unit":"a second","least":3.0,"most":5.0,"largest_ns":null})");
}

TEST(ChiefSpread, OfAMaximumSaysWhereTheLargestLies) {
  const auto of = [](std::vector<ProgramReplicate> replicates) {
    return chief_spread(ProgramEvidence{"cyclictest", std::move(replicates)})->largest;
  };
  EXPECT_EQ(of({with_largest(50), with_largest(75), with_largest(20)}), (LatencyRange{75'000, 75'999}));
  EXPECT_EQ(of({with_largest(50), with_largest(75, true)})->high_ns, std::nullopt) << "it has no end";
  EXPECT_EQ(of({with_largest(50), with({{"max", 75, "us", "", 1}})}), std::nullopt)
      << "one without a histogram";
}

TEST(ChiefSpread, IsNothingWhereReplicatesSayUnlikeThings) {
  const auto of = [](std::vector<ProgramReplicate> replicates) {
    return chief_spread(ProgramEvidence{"x", std::move(replicates)});
  };
  EXPECT_FALSE(of({}));
  EXPECT_FALSE(of({with({}), with({{"rate", 3, "a second", "", 0}})}));
  EXPECT_FALSE(of({with({{"time", 3, "s", "", 0}}), with({{"max", 3, "us", "", 0}})}));
  EXPECT_FALSE(of({with({{"time", 3, "s", "", 0}}), with({{"time", 3, "ms", "", 0}})}));
  EXPECT_TRUE(to_json(of({})).is_null());
}

TEST(TaskSwitch, IsHalfOfThereAndBack) {
  const auto of = [](const char* name, const char* unit) {
    return task_switch(
        ProgramEvidence{name,
                        {with({{"instructions", 1, "instructions", "", 0}, {"mean", 5'230, unit, "", 0}}),
                         with({{"mean", 5'210, unit, "", 0}})}});
  };
  EXPECT_EQ(of("switch-pipe", "ns"), (FigureSpread{"mean", "ns", 2'605, 2'615}));
  EXPECT_FALSE(of("switch-futex", "ns")) << "the table's figure is of one program";
  EXPECT_FALSE(of("switch-pipe", "us")) << "which nobody converts";
  EXPECT_FALSE(task_switch(ProgramEvidence{"switch-pipe", {with({{"mean", 5, "ns", "", 0}}), with({})}}));
}

}  // namespace
}  // namespace loopgate::kernel_figures_test
