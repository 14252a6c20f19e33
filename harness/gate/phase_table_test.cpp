#include "gate/phase_table.h"

#include <gmock/gmock.h>

namespace loopgate::phase_table_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Comparison probed(ProbeCounts counts, std::uint64_t left_out) {
  Comparison comparison;
  comparison.probe = "ebpf";
  GroupEvidence& group = comparison.groups.emplace_back();
  group.kernel = "generic";
  group.load = "idle";
  StageSummary& stages = group.summary.stages.emplace();
  stages.names = probed_phase_names;
  stages.left_out = left_out;
  stages.figures[0] = {150, 100, std::nullopt, 300};
  stages.probe = counts;
  return comparison;
}

TEST(PhaseTable, HasARowForEachPhaseAndThreeColumnsForEachKernel) {
  const auto rows = phase_rows(probed({.stimuli = 500}, 0), "idle");
  ASSERT_EQ(rows.size(), 1 + probed_phase_names.size());
  EXPECT_THAT(rows[0], ElementsAre("phase", "generic p50", "generic p99", "generic max"));
  EXPECT_THAT(rows[1], ElementsAre("irqs disabled", "0.100 us", "-", "0.300 us"));
  EXPECT_THAT(phase_rows(probed({.stimuli = 500}, 0), "mixed"), IsEmpty());
}

TEST(PhaseTable, SaysWhatWasCountedAndWhatItCost) {
  EXPECT_EQ(probe_text(probed({.stimuli = 1'500, .cost_ns = 900}, 0), "idle"),
            "probe ebpf: generic 1,500 events, 0 lost, costs 900 ns each");
  EXPECT_EQ(probe_text(probed({}, 0), "mixed"), "probe ebpf: it saw nothing");
  EXPECT_EQ(probe_text(Comparison(), "idle"), "");
}

TEST(PhaseTable, SaysHowOftenTheProbeWasReplacedAndWhatThatDid) {
  ProbeCounts counts{.stimuli = 500};
  counts.replaced = {3, 24, 21'500};
  EXPECT_EQ(
      probe_text(probed(counts, 0), "idle"),
      "probe ebpf: generic 500 events, 0 lost, replaced 3 times (24 answers meanwhile, the longest 21.5 us)");
}

// Of a trace a stimulus has many events.
TEST(PhaseTable, CountsStimuliAndLostEventsOfATrace) {
  ProbeCounts counts{.stimuli = 500, .lost = 1'200, .unfinished = 3};
  counts.transport = ProbeTransport::ftrace;
  EXPECT_EQ(
      probe_text(probed(counts, 3), "idle"),
      "probe ebpf: generic 500 stimuli, 1,200 events lost, INCOMPLETE: 3 stimuli not seen to the end, 3 "
      "answers left out of the phases");
}

TEST(PhaseTable, NamesTheTraceAndWhetherItHoldsTheWorst) {
  ProbeCounts counts{.stimuli = 500};
  counts.traced = {"generic.idle.2", 137, 23'400};
  Comparison comparison = probed(counts, 0);
  comparison.groups[0].summary.latency = LatencyFigures{};
  comparison.groups[0].summary.latency->max = 23'400;
  EXPECT_THAT(trace_texts(comparison, "idle"),
              ElementsAre("generic: cells/generic.idle.2/trace.dat holds the worst, sample 137 (23.4 us)"));
  comparison.groups[0].summary.latency->max = 30'000;
  EXPECT_THAT(
      trace_texts(comparison, "idle"),
      ElementsAre("generic: cells/generic.idle.2/trace.dat holds sample 137 (23.4 us); the worst (30 us) is "
                  "not among the 8 that the kernel itself saw take longest"));
  EXPECT_THAT(trace_texts(comparison, "mixed"), IsEmpty());
  EXPECT_THAT(trace_texts(probed({.stimuli = 500}, 0), "idle"), IsEmpty());
}

TEST(PhaseTable, IsIncompleteByName) {
  EXPECT_EQ(
      probe_text(probed({.stimuli = 500, .lost = 3, .unfinished = 1}, 4), "idle"),
      "probe ebpf: generic 496 events, 3 lost, INCOMPLETE: 1 stimulus not seen to the end, 4 answers left "
      "out of the phases");
  EXPECT_THAT(probe_text(probed({.stimuli = 500}, 1), "idle"), HasSubstr("INCOMPLETE"));
}

}  // namespace
}  // namespace loopgate::phase_table_test
