#include "analysis/bound.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "analysis/bound_cells.h"
#include "analysis/bound_parts.h"

namespace loopgate::bound_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kernel_text = 0xffff800080001000;
constexpr std::int64_t ms = 1'000'000;
enum Who : std::uint32_t { load, irq_thread, responder, migration, ktimers };

// A run in which everything that a bound is composed of happens once, and two windows of 300 us that no
// stimulus met.
class MadeUpRun {
 public:
  MadeUpRun() {
    sections.end_ns = 100 * ms;
    for (std::uint64_t kind = 0; kind < section_kinds; ++kind)
      sections.places.push_back({kind, {kernel_text, 0}, {kernel_text + 8, 0}});
    sections.tasks = {{77, 120, "stress-ng"},
                      {12, 49, "irq/23-responde"},
                      {40, 19, "responder"},
                      {9, 0, "migration/0"},
                      {8, 98, "ktimers/0"}};
    sample();
    add(SectionKind::interrupts_off, 2 * ms, 300'000);
    add(SectionKind::preemption_off, 3 * ms, 300'000);
    add(SectionKind::real_time_task, 5 * ms, 700, migration);
    add(SectionKind::real_time_task, 6 * ms, 9'000, ktimers);
  }

  void add(SectionKind kind, std::int64_t begin_ns, std::uint32_t length_ns, Who who = load) {
    sections.windows.push_back({begin_ns, length_ns, static_cast<std::uint32_t>(kind), who, 0});
  }

  // From the exception vector to the return.
  void interrupt(std::int64_t begin_ns, std::uint32_t length_ns) {
    add(SectionKind::interrupts_off, begin_ns, length_ns);
    add(SectionKind::interrupt_handler, begin_ns + 100, length_ns - 200);
  }

  // As the recorder writes them: by their ends.
  void sort() {
    std::ranges::stable_sort(sections.windows, {},
                             [](const SectionRecord& window) { return window.begin_ns + window.length_ns; });
  }

  Result<Bound> bound() {
    sort();
    auto symbols = Symbols::of_kernel("ffff800080001000 T held_by\nffff800080009000 T end\n");
    return compose_bound(sections, samples, &*symbols);
  }

  RecordedSections sections;
  std::vector<SampleMoments> samples;

 private:
  void sample() {
    add(SectionKind::interrupts_off, ms - 100, 200);
    interrupt(ms + 100, 900);
    add(SectionKind::preemption_off, ms + 50, 2'950);
    add(SectionKind::real_time_task, ms + 3'400, 1'300, irq_thread);
    add(SectionKind::real_time_task, ms + 4'700, 5'000, responder);
    interrupt(ms + 6'000, 800);  // the tick's, while the payload runs
    samples.push_back({4711, ms, 100, 500, 3'400, 4'000, 4'700, 9'000, 12, 40});
  }
};

std::vector<std::int64_t> ns_of(const Bound& bound) {
  std::vector<std::int64_t> ns;
  for (const BoundTerm& term : bound.terms) ns.push_back(term.ns);
  return ns;
}

TEST(Bound, IsTheLongestOfEachPartOneBehindTheOther) {
  const auto bound = MadeUpRun().bound();
  ASSERT_TRUE(bound) << bound.error().what;
  EXPECT_THAT(ns_of(*bound), ElementsAre(300'000,      // the planted window, which no stimulus met
                                         400,          // from the vector to the irq thread's wake-up
                                         300'000,      // the other planted one
                                         900,          // behind the window: the handler's end, and the switch
                                         600, 700,     // irq thread, payload's wake-up
                                         4'300 - 800,  // the payload, without the tick
                                         800,          // the tick; the samples' own interrupts are none
                                         700));        // of the tasks that may run before it
  EXPECT_EQ(bound->bound_ns, 607'600);
  EXPECT_THAT(bound->terms[0].from, HasSubstr("held_by of stress-ng at 0.002000 s"));
  EXPECT_EQ(bound->terms[3].from, "sample 4711");
  EXPECT_THAT(bound->terms[8].from, HasSubstr("mostly of migration/0"));
}

TEST(Bound, WhatComesMeanwhileMakesItLongerUntilNoMoreComes) {
  MadeUpRun run;
  // Within 607.6 us come two of them; these make room for a third.
  for (const std::int64_t at : {20 * ms, 20 * ms + 605'000, 20 * ms + 608'000}) run.interrupt(at, 2'000);
  const auto bound = run.bound();
  ASSERT_TRUE(bound) << bound.error().what;
  EXPECT_EQ(bound->terms[7].ns, 6'000);
  EXPECT_EQ(bound->bound_ns, 607'600 - 800 + 6'000);
}

TEST(Bound, InterruptsThatLeaveNoTimeHaveNone) {
  MadeUpRun run;
  for (std::int64_t at = 10 * ms; at < 99 * ms; at += 100'000) run.interrupt(at, 100'000);
  run.sections.end_ns = 50 * ms;
  const auto bound = run.bound();
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().kind, ErrorKind::data);
  EXPECT_THAT(bound.error().what, HasSubstr("there is no bound"));
}

TEST(Bound, ATaskWithoutRealTimePriorityHasNone) {
  MadeUpRun run;
  run.sections.tasks[responder].priority = 120;
  const auto bound = run.bound();
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().kind, ErrorKind::usage);
  EXPECT_THAT(bound.error().what, HasSubstr("no real-time class"));
  run.samples.clear();
  EXPECT_FALSE(run.bound());
}

// Samples have them already; who had a lock may have been of any class.
TEST(Bound, WaitsForLocksAreNoPartOfIt) {
  MadeUpRun run;
  run.sections.tasks.push_back({40, 120, "responder"});
  run.add(SectionKind::lock_wait, 7 * ms, 900'000, irq_thread);
  run.add(SectionKind::lock_holder, 7 * ms, 900'000, static_cast<Who>(5));
  const auto bound = run.bound();
  ASSERT_TRUE(bound) << bound.error().what;
  EXPECT_EQ(ns_of(*bound), ns_of(*MadeUpRun().bound()));
}

// The model on a trajectory of which every instant is known: a stimulus may come in any of them.
TEST(Bound, NoSampleOfItsRunExceedsIt) {
  MadeUpRun run;
  run.samples.push_back({4712, 2 * ms, 300'000, 300'400, 301'000, 301'600, 302'300, 306'600, 12, 40});
  run.interrupt(2 * ms + 300'000, 900);
  const auto bound = run.bound();
  ASSERT_TRUE(bound) << bound.error().what;
  for (const SampleMoments& sample : run.samples) EXPECT_LE(sample.latency_ns, bound->bound_ns);
}

// What it met began before, and is there from its own begin on.
TEST(Bound, NorDoesTheFirstCountedStimulusWhichBeginsTheRecording) {
  MadeUpRun run;
  run.sections.begin_ns = 2 * ms + 1'000;
  run.sections.end_ns = run.sections.begin_ns + 305'600;  // and with its response it ends
  std::erase_if(run.sections.windows, [](const SectionRecord& window) { return window.begin_ns < 2 * ms; });
  run.samples = {{1, 2 * ms + 1'000, 299'000, 299'400, 300'000, 300'600, 301'300, 305'600, 12, 40}};
  run.interrupt(2 * ms + 300'000, 900);
  run.add(SectionKind::real_time_task, 2 * ms + 302'300, 4'300, responder);
  const auto bound = run.bound();
  ASSERT_TRUE(bound) << bound.error().what;
  EXPECT_LE(run.samples[0].latency_ns, bound->bound_ns);
  EXPECT_EQ(bound->terms[1].ns, 400) << "the handler, without the window";
  EXPECT_EQ(bound->terms[1].from, "sample 1");
}

TEST(BoundParts, AnInterruptLastsFromItsVectorOverItsSoftirqsToItsReturn) {
  MadeUpRun run;
  run.add(SectionKind::interrupts_off, 30 * ms, 1'000);
  run.add(SectionKind::interrupt_handler, 30 * ms + 100, 500);
  run.add(SectionKind::softirqs_off, 30 * ms + 700, 20'000);  // begins with interrupts off, lets them in
  run.add(SectionKind::interrupts_off, 30 * ms + 5'000, 300);
  run.add(SectionKind::interrupts_off, 30 * ms + 20'600, 900);  // and ends with them off
  run.sort();
  const auto parts = bound_parts(run.sections, run.samples);
  ASSERT_TRUE(parts);
  const Interval* whole = parts->others.at(30 * ms + 10'000);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(*whole, (Interval{30 * ms, 30 * ms + 21'500}));
  EXPECT_EQ(window_at(parts->irqs_off, 30 * ms + 5'100), nullptr) << "it is the interrupt's own";
  EXPECT_NE(window_at(parts->irqs_off, 2 * ms), nullptr);
}

// Else what came before it would be nobody's, and a stimulus at its begin would wait longer than the bound.
TEST(BoundParts, AnInterruptThatASampleCameIntoStaysAnother) {
  MadeUpRun run;
  run.add(SectionKind::interrupts_off, 30 * ms, 1'000);
  run.add(SectionKind::interrupt_handler, 30 * ms + 100, 500);
  run.add(SectionKind::softirqs_off, 30 * ms + 700, 20'000);
  run.interrupt(30 * ms + 5'000, 900);  // the sample's own
  run.samples.push_back({4712, 30 * ms + 5'000, 0, 400, 18'000, 18'600, 19'300, 23'600, 12, 40});
  run.sort();
  const auto parts = bound_parts(run.sections, run.samples);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->others.within(30 * ms, 31 * ms), 20'700 - 900)
      << "all of the other's, but the sample's own";
  EXPECT_EQ(parts->others.at(30 * ms + 5'100), nullptr);
}

TEST(BoundParts, SoftirqsThatWereOffBeforeAreNotTheInterrupts) {
  MadeUpRun run;
  run.add(SectionKind::softirqs_off, 30 * ms - 5'000, 20'000);
  run.interrupt(30 * ms, 1'000);
  run.sort();
  const auto parts = bound_parts(run.sections, run.samples);
  ASSERT_TRUE(parts);
  EXPECT_EQ(*parts->others.at(30 * ms), (Interval{30 * ms, 30 * ms + 1'000}));
}

TEST(CheckBound, ASampleAboveItIsABrokenModel) {
  const MadeUpRun run;
  CellWorstCase figures;
  figures.cell = "generic.mixed";
  figures.bound_ns = 9'000;
  EXPECT_TRUE(check_bound(figures, run.samples));
  figures.bound_ns = 8'999;
  const auto refused = check_bound(figures, run.samples);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::data);
  EXPECT_THAT(refused.error().what, HasSubstr("generic.mixed: sample 4711 took 9.00 us"));
  EXPECT_THAT(refused.error().what, HasSubstr("the model is broken"));
}

TEST(LongestWindow, IsOfItsKindAndHasItsHolder) {
  const MadeUpRun run;
  auto symbols = Symbols::of_kernel("ffff800080001000 T held_by\nffff800080009000 T end\n");
  const LongestWindow longest = longest_window(run.sections, SectionKind::interrupts_off, &*symbols);
  EXPECT_EQ(longest, (LongestWindow{300'000, "held_by", "stress-ng"}));
  EXPECT_EQ(longest_window({}, SectionKind::interrupts_off, &*symbols), LongestWindow());
}

}  // namespace
}  // namespace loopgate::bound_test
