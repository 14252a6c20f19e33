#include "hunt/cell_hunt.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace loopgate {
namespace {

constexpr std::int64_t path_ns = 10'000;
constexpr std::int64_t window_at_ns = 700'000;
constexpr std::uint32_t window_ns = 300'000;
constexpr std::int64_t timeout_ns = 1'000'000'000;

// A guest with one long window. Aimed, its stimuli come every 100 us and hit it in its middle; given their
// times, each takes the path and what is left of the window.
class MadeUpGuest {
 public:
  Result<VolleyEnd> shoot(const Volley& volley) {
    volleys.push_back(volley);
    VolleyEnd end;
    std::vector<std::int64_t> due = volley.aim.shots_ns;
    if (volley.aim.at_sections)
      for (std::uint32_t i = 0; i < volley.stimuli; ++i) due.push_back(350'000 + 500'000 * std::int64_t{i});
    end.begun_s = begun_s;
    end.host_s = begun_s + static_cast<double>(due.size()) * (volley.recorded ? 2 : 1);
    for (std::size_t i = 0; i < due.size(); ++i) {
      if (due[i] <= fails_after_ns) continue;
      if (!goes_on) due.resize(i);
      end.failed = FailedKernel{"panicked: made up", due, "hunted-failure-" + std::to_string(due.size()),
                                volley.recorded ? "01" : "02"};
      return end;
    }
    for (const std::int64_t at_ns : due) {
      Sample sample;
      sample.due_ns = sample.stimulus_ns = at_ns;
      const bool answered = at_ns != never_answered_ns;
      const bool drifts = !volley.recorded && (!last_repeats || at_ns != due.back());
      sample.response_ns = answered ? at_ns + latency_ns(at_ns) + (drifts ? drift_ns : 0) : -1;
      sample.flags = sample_sent | (answered ? sample_answered : sample_unanswered);
      sample.index = static_cast<std::uint32_t>(end.samples.size());
      end.samples.push_back(sample);
    }
    if (volley.recorded) {
      end.sections.windows = {{window_at_ns, window_ns, 0, 0, cpu}};
      end.sections.places = {{static_cast<std::uint64_t>(SectionKind::interrupts_off), {}, {}},
                             {static_cast<std::uint64_t>(SectionKind::interrupt_handler), {}, {}}};
      for (const std::int64_t at_ns : due) end.sections.windows.push_back({at_ns + 5, 10, 1, 0, cpu});
      if (lock_wait_ns > 0) add_lock_waits(due, &end.sections);
    }
    return end;
  }

  std::vector<Volley> volleys;
  double begun_s = 0.5;                 // of host time, until the first stimulus
  std::int64_t drift_ns = 0;            // of a run that nothing records
  bool last_repeats = false;            // but for the last one
  std::uint32_t cpu = 0;                // that has the windows and takes the interrupts
  std::int64_t never_answered_ns = -1;  // a stimulus at this moment
  std::int64_t fails_after_ns = INT64_MAX;
  bool goes_on = false;            // to the end of the run, in spite of that
  bool ends_early = false;         // its window, where a stimulus comes at the begin
  std::uint32_t lock_wait_ns = 0;  // of the payload behind each stimulus, for a lock of "holder"

 private:
  static void put(SectionKind kind, std::int64_t begin_ns, std::uint32_t length_ns, std::uint32_t task,
                  RecordedSections* sections) {
    sections->places.push_back({static_cast<std::uint64_t>(kind), {}, {}});
    const auto place = static_cast<std::uint32_t>(sections->places.size() - 1);
    sections->windows.push_back({begin_ns, length_ns, place, task, 0});
  }
  void add_lock_waits(const std::vector<std::int64_t>& due, RecordedSections* sections) const {
    sections->follows_locks = true;
    sections->tasks = {{40, 19, "payload"}, {301, 120, "holder"}};
    for (const std::int64_t at_ns : due) {
      put(SectionKind::lock_wait, at_ns + 20, lock_wait_ns, 0, sections);
      put(SectionKind::lock_holder, at_ns + 20, lock_wait_ns, 1, sections);
      put(SectionKind::real_time_task, at_ns + 2'000, 2'000'000, 0, sections);
    }
  }
  std::int64_t latency_ns(std::int64_t at_ns) const {
    const std::int64_t end_ns = window_at_ns + window_ns;
    if (ends_early && (at_ns == window_at_ns + 1 || at_ns == window_at_ns + 5'001)) return path_ns;
    return path_ns + (at_ns >= window_at_ns && at_ns < end_ns ? end_ns - at_ns : 0);
  }
};

HuntNames no_names() {
  return {[](const RecordedSections&, const SectionRecord&, HuntedStimulus*) {},
          [](const RecordedSections&, const LockOnWay&) { return HuntedLockWait(); }};
}

Status hunt_in(MadeUpGuest* guest, double budget_s, HuntedCell* cell, const TurnSettings& turns = {}) {
  cell->cell = "generic.mixed";
  const NameSection name = [](const RecordedSections&, const SectionRecord&, HuntedStimulus* of) {
    of->section = "interrupts off";
  };
  const NameLock lock = [](const RecordedSections& sections, const LockOnWay& of) {
    HuntedLockWait wait;
    wait.wait_ns = of.length_ns;
    wait.holder = sections.holder_of(of.wait).name;
    return wait;
  };
  return hunt(
      {7, 3, budget_s, timeout_ns, "aim.bin", turns},
      [&](const Volley& volley) { return guest->shoot(volley); }, {name, lock}, cell);
}

TEST(CellHunt, HitsTheLongestWindowAtItsFirstInstruction) {
  MadeUpGuest guest;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 20, &cell));
  ASSERT_FALSE(cell.worst.empty());
  const HuntedStimulus& worst = cell.worst.front();
  EXPECT_EQ(worst.latency_ns, path_ns + window_ns - 1);
  EXPECT_EQ(worst.stimulus_ns, window_at_ns + 1);
  EXPECT_EQ(worst.passed_ns, 1);
  EXPECT_EQ(worst.section_ns, window_ns);
  EXPECT_EQ(worst.section, "interrupts off");
  EXPECT_TRUE(worst.exact);
  EXPECT_EQ(worst.shots_ns, (std::vector<std::int64_t>{350'000, window_at_ns + 1}));
}

// zap_pte_range() looks whether somebody wants the CPU: its window promises what no stimulus gets.
TEST(CellHunt, HitsAWindowThatTheKernelEndsEarlyTwice) {
  MadeUpGuest guest;
  guest.ends_early = true;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 43, &cell));
  const auto exact = [](const Volley& each) { return each.recorded && !each.aim.at_sections; };
  EXPECT_EQ(std::ranges::count_if(guest.volleys, exact), 2) << "at its begin, and once later";
  EXPECT_GT(std::ranges::count_if(guest.volleys, [](const Volley& each) { return each.aim.at_sections; }), 1);
}

TEST(CellHunt, TellsWhatLockAStimulusWaitedFor) {
  MadeUpGuest guest;
  HuntedCell without;
  ASSERT_TRUE(hunt_in(&guest, 20, &without));
  EXPECT_TRUE(without.worst.front().lock_waits.empty());
  guest.lock_wait_ns = 1'500;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 20, &cell));
  ASSERT_EQ(cell.worst.front().lock_waits.size(), 1U);
  EXPECT_EQ(cell.worst.front().lock_waits[0].wait_ns, 1'500);
  EXPECT_EQ(cell.worst.front().lock_waits[0].holder, "holder");
  EXPECT_EQ(cell.worst.front().section_ns, window_ns) << "beside the window";
}

TEST(CellHunt, SendsTheWorstAgainInARunThatNothingRecords) {
  MadeUpGuest guest;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 20, &cell));
  const Volley& last = guest.volleys.back();
  EXPECT_FALSE(last.recorded);
  EXPECT_FALSE(last.aim.at_sections);
  EXPECT_EQ(last.seed, cell.worst.front().seed);
  EXPECT_EQ(last.aim.shots_ns, cell.worst.front().shots_ns);
  EXPECT_EQ(last.stimuli, last.aim.shots_ns.size());
}

// It is the worst that there is, and what it takes to send it again is kept.
TEST(CellHunt, AStimulusThatIsNeverAnsweredIsTheWorst) {
  MadeUpGuest guest;
  guest.never_answered_ns = 850'000;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 20, &cell));
  EXPECT_EQ(cell.worst.front().stimulus_ns, 850'000);
  EXPECT_FALSE(cell.worst.front().answered);
  EXPECT_EQ(cell.worst.front().latency_ns, timeout_ns);
  EXPECT_EQ(guest.volleys.back().aim.shots_ns, (std::vector<std::int64_t>{350'000, 850'000}));
  EXPECT_GT(cell.unanswered, 0U);
}

TEST(CellHunt, SaysWhereTheWorstDoesNotRepeat) {
  MadeUpGuest guest;
  guest.drift_ns = 1;
  HuntedCell cell;
  const Status done = hunt_in(&guest, 20, &cell);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::infrastructure);
  EXPECT_NE(done.error().what.find("did not repeat"), std::string::npos) << done.error().what;
}

TEST(CellHunt, SaysWhereTheWorstRepeatsByLuck) {
  MadeUpGuest guest;
  guest.drift_ns = 1;
  guest.last_repeats = true;
  HuntedCell cell;
  const Status done = hunt_in(&guest, 20, &cell);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::infrastructure);
  EXPECT_NE(done.error().what.find("parts from what was measured at record 1 of 2"), std::string::npos)
      << done.error().what;
}

// What a run without the instrument's aim makes of the first stimulus, an exact run makes of it, too.
TEST(CellHunt, ComparesTheProofWithTheRunThatFoundTheWorstAndNotWithARepeat) {
  const auto sample = [](std::int64_t at_ns, std::int64_t latency_ns) {
    Sample sent;
    sent.due_ns = sent.stimulus_ns = at_ns;
    sent.response_ns = at_ns + latency_ns;
    sent.flags = sample_sent | sample_answered;
    return sent;
  };
  std::vector<std::size_t> shots;  // of each run
  const Shoot shoot = [&](const Volley& volley) -> Result<VolleyEnd> {
    const bool aimed = volley.aim.at_sections;
    shots.push_back(volley.aim.shots_ns.size());
    VolleyEnd end;
    end.host_s = 5;
    end.samples = {sample(350'000, aimed ? path_ns : path_ns + 1), sample(850'000, 5 * path_ns)};
    if (shots.back() == 3) end.samples.push_back(sample(volley.aim.shots_ns.back(), path_ns));
    if (!volley.recorded) return end;
    end.sections.windows = {{2'000'000, window_ns, 0, 0, 0}};
    end.sections.places = {{static_cast<std::uint64_t>(SectionKind::interrupts_off), {}, {}}};
    return end;
  };
  HuntedCell cell;
  const Status done = hunt({7, 2, 17.5, timeout_ns, "aim.bin"}, shoot, no_names(), &cell);
  ASSERT_EQ(shots, (std::vector<std::size_t>{0, 3, 2})) << "aimed, an exact shot behind the worst, the worst";
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what.find("parts from what was measured at record 1 of 2"), std::string::npos)
      << done.error().what;
}

TEST(CellHunt, OnSeveralCpusHitsTheInterruptsCpuARoundBehindTheBegin) {
  MadeUpGuest guest;
  guest.cpu = 1;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 20, &cell, {2, 200}));
  EXPECT_EQ(cell.turns.interrupt_cpu, 1U);
  EXPECT_EQ(cell.worst.front().stimulus_ns, window_at_ns + 400);
  EXPECT_EQ(cell.worst.front().section, "interrupts off");
  EXPECT_EQ(cell.worst.front().passed_ns, 400);
}

// The run that is aimed, its exact shots, the proof, and a failure's repeat with no stimulus.
TEST(CellHunt, OnSeveralCpusEveryRunHasTheSameTimer) {
  for (const std::int64_t cpus : {1, 2}) {
    MadeUpGuest guest;
    HuntedCell cell;
    ASSERT_TRUE(hunt_in(&guest, 20, &cell, {cpus, 200}));
    guest.fails_after_ns = 100'000;
    HuntedCell failed;
    ASSERT_TRUE(hunt_in(&guest, 20, &failed, {cpus, 200}));
    ASSERT_EQ(failed.kernel_failures.size(), 1U);
    EXPECT_TRUE(failed.kernel_failures[0].shots_ns.empty());
    EXPECT_FALSE(failed.turns.interrupt_cpu) << "no aimed run ended that could tell";
    EXPECT_FALSE(failed.turns.thread_cpu);
    EXPECT_GE(guest.volleys.size(), 4U);
    for (const Volley& volley : guest.volleys) EXPECT_EQ(volley.aim.quiet, cpus > 1);
  }
}

// A panic is worth more than a latency: all that it takes to see it again is kept.
TEST(CellHunt, AKernelThatFailsIsMadeToFailAgainAndWhatWasFoundStays) {
  MadeUpGuest guest;
  guest.fails_after_ns = 900'000;  // the second stimulus
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 100, &cell));
  ASSERT_EQ(cell.kernel_failures.size(), 1U);
  const HuntedFailure& failure = cell.kernel_failures[0];
  EXPECT_EQ(failure.what, "panicked: made up");
  EXPECT_EQ(failure.seed, 7U);
  EXPECT_EQ(failure.shots_ns, (std::vector<std::int64_t>{350'000, 850'000}));
  EXPECT_TRUE(failure.repeated);
  EXPECT_EQ(failure.console_sha256, "02") << "that of the run that nothing recorded";
  ASSERT_EQ(guest.volleys.size(), 2U) << "the hunt is over";
  EXPECT_FALSE(guest.volleys[1].recorded);
  EXPECT_EQ(guest.volleys[1].aim.shots_ns.size(), 3U) << "one more, before which the kernel fails";
  EXPECT_TRUE(cell.worst.empty());
  ASSERT_TRUE(repeat_failures(
      {7, 3, 1, timeout_ns, "aim.bin"}, [&](const Volley& volley) { return guest.shoot(volley); }, &cell));
  EXPECT_TRUE(cell.kernel_failures[0].repeated);
  guest.fails_after_ns = INT64_MAX;
  ASSERT_TRUE(repeat_failures(
      {7, 3, 1, timeout_ns, "aim.bin"}, [&](const Volley& volley) { return guest.shoot(volley); }, &cell));
  EXPECT_FALSE(cell.kernel_failures[0].repeated);
}

// As behind an oops in a task of the load, or where the kernel hangs without a word: the bench's timers go
// on.
TEST(CellHunt, AKernelThatFailsAndLetsTheRunGoOnFailsAgainAsWell) {
  MadeUpGuest guest;
  guest.fails_after_ns = 900'000;
  guest.goes_on = true;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 100, &cell));
  ASSERT_EQ(cell.kernel_failures.size(), 1U);
  EXPECT_EQ(cell.kernel_failures[0].shots_ns.size(), 3U);
  EXPECT_TRUE(cell.kernel_failures[0].repeated);
  EXPECT_EQ(cell.kernel_failures[0].console, "hunted-failure-4") << "its run had one stimulus more";
  EXPECT_EQ(cell.kernel_failures[0].console_sha256, "02");
  guest.fails_after_ns = INT64_MAX;
  ASSERT_TRUE(repeat_failures(
      {7, 3, 1, timeout_ns, "aim.bin"}, [&](const Volley& volley) { return guest.shoot(volley); }, &cell));
  EXPECT_FALSE(cell.kernel_failures[0].repeated);
}

TEST(CellHunt, AKernelThatFailsInTheProofIsTheKernelsFault) {
  MadeUpGuest guest;
  HuntedCell cell;
  cell.cell = "generic.mixed";
  const Shoot shoot = [&](const Volley& volley) {
    guest.fails_after_ns = volley.recorded ? INT64_MAX : 400'000;
    return guest.shoot(volley);
  };
  ASSERT_TRUE(hunt({7, 3, 20, timeout_ns, "aim.bin"}, shoot, no_names(), &cell));
  ASSERT_EQ(cell.kernel_failures.size(), 1U);
  EXPECT_TRUE(cell.kernel_failures[0].repeated);
  EXPECT_TRUE(cell.worst.empty()) << "was not proven";
}

TEST(CellHunt, AnExactShotIsOneStimulusMore) {
  MadeUpGuest guest;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 20, &cell));
  std::uint64_t exact = 0;
  std::uint64_t aimed = 0;
  for (const Volley& volley : guest.volleys) {
    exact += volley.recorded && !volley.aim.at_sections ? 1 : 0;
    aimed += volley.aim.at_sections ? volley.stimuli : 0;
  }
  EXPECT_GT(exact, 0U);
  EXPECT_EQ(cell.stimuli, aimed + exact);
}

TEST(CellHunt, SaysWithWhichSeedALaterHuntGoesOn) {
  MadeUpGuest guest;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 43, &cell));
  for (const Volley& volley : guest.volleys) EXPECT_NE(volley.seed, cell.next_seed);
  EXPECT_NE(cell.next_seed, 0U);
}

TEST(CellHunt, TheWorstBeforeAKernelFailedIsStillProven) {
  MadeUpGuest guest;
  HuntedCell cell;
  cell.cell = "generic.mixed";
  int runs = 0;
  const Shoot shoot = [&](const Volley& volley) {
    guest.fails_after_ns = ++runs == 2 || runs == 3 ? 600'000 : INT64_MAX;
    return guest.shoot(volley);
  };
  ASSERT_TRUE(hunt({7, 3, 100, timeout_ns, "aim.bin"}, shoot, no_names(), &cell));
  ASSERT_EQ(cell.kernel_failures.size(), 1U);
  EXPECT_TRUE(cell.kernel_failures[0].repeated);
  ASSERT_FALSE(cell.worst.empty());
  EXPECT_EQ(runs, 4) << "aimed, an exact shot that failed, the same again, the worst again";
  EXPECT_EQ(guest.volleys.back().aim.shots_ns, cell.worst.front().shots_ns);
}

TEST(CellHunt, SpendsItsBudgetOnOtherSeedsAndKeepsWithinIt) {
  MadeUpGuest guest;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 43, &cell));
  EXPECT_LE(cell.host_s, 43);
  EXPECT_GT(cell.host_s, 30);
  EXPECT_EQ(cell.runs, guest.volleys.size());
  std::vector<std::uint64_t> seeds;
  for (const Volley& volley : guest.volleys)
    if (volley.aim.at_sections) seeds.push_back(volley.seed);
  EXPECT_GE(seeds.size(), 3);
  EXPECT_EQ(seeds.front(), 7) << "the first has the measured cell's own";
  std::ranges::sort(seeds);
  EXPECT_EQ(std::ranges::adjacent_find(seeds), seeds.end());
  EXPECT_LE(cell.worst.size(), 10);
  EXPECT_TRUE(std::ranges::is_sorted(cell.worst, std::greater(), &HuntedStimulus::latency_ns));
}

TEST(CellHunt, HuntsOnceHoweverSmallTheBudget) {
  MadeUpGuest guest;
  HuntedCell cell;
  ASSERT_TRUE(hunt_in(&guest, 0.1, &cell));
  EXPECT_EQ(guest.volleys.size(), 2) << "one that is aimed, and its worst again";
}

}  // namespace
}  // namespace loopgate
