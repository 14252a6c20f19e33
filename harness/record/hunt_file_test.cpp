#include "record/hunt_file.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/file.h"
#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

std::vector<HuntedCell> made_up() {
  HuntedCell cell;
  cell.cell = "generic.mixed";
  cell.kernel = "generic";
  cell.load = "mixed";
  cell.samples_sha256 = "ab";
  cell.budget_s = 60;
  cell.host_s = 58.5;
  cell.runs = 7;
  cell.next_seed = 12;
  cell.stimuli = 2'000;
  cell.random = {10'000, 700'000, 46.5};
  HuntedStimulus worst;
  worst.seed = 0xfedcba9876543210;
  worst.shots_ns = {1'000, 5'000};
  worst.stimulus_ns = 5'000;
  worst.latency_ns = 730'000;
  worst.section = "preemption off";
  worst.section_ns = 720'000;
  worst.passed_ns = 1;
  HuntedStimulus second = worst;
  second.latency_ns = 400'000;
  second.seed = 4;
  cell.worst = {worst, second};
  return {cell};
}

TEST(HuntFile, IsReadAsItWasWritten) {
  const auto read = parse_hunt(to_json(made_up()), "hunt.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, made_up());
}

TEST(HuntFile, ALockThatWasWaitedForIsReadAsItWasWritten) {
  std::vector<HuntedCell> cells = made_up();
  EXPECT_EQ(to_json(cells).find("lock"), std::string::npos) << "as it was before locks were told";
  auto& waits = cells[0].worst[0].lock_waits;
  waits = {{"responder", 14'100, 0, "do_wait_intr (rt_spin_lock)", "stress-ng-getra", 301,
            "crng_make_state (rt_spin_lock)"},
           {"irq/18-stimulus", 20'000, 19'000, "free_one_page (rt_spin_lock)", "", 0, ""}};
  const auto read = parse_hunt(to_json(cells), "hunt.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, cells);
  std::swap(waits[0], waits[1]);
  EXPECT_FALSE(parse_hunt(to_json(cells), "hunt.json")) << "what is usual comes last";
  waits.pop_back();
  EXPECT_TRUE(parse_hunt(to_json(cells), "hunt.json"));
  for (const std::int64_t wait_ns : {std::int64_t{-1}, std::int64_t{0}, cells[0].worst[0].latency_ns + 1}) {
    waits[0].wait_ns = wait_ns;
    EXPECT_FALSE(parse_hunt(to_json(cells), "hunt.json")) << wait_ns;
  }
}

TEST(HuntFile, TheSeedOfItsFuzzerIsRead) {
  const std::string path = std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/hunt.json";
  const auto read = parse_hunt(*read_file(path), path);
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->back().worst.back().lock_waits.size(), 2U);
}

TEST(HuntFile, ThatWasAlteredIsRefused) {
  std::string text = to_json(made_up());
  text.replace(text.find("730000"), 6, "530000");
  const auto read = parse_hunt(text, "hunt.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::data);
}

TEST(HuntFile, ThatContradictsItselfIsRefused) {
  const auto refused = [](const auto& change) {
    std::vector<HuntedCell> cells = made_up();
    change(&cells.front());
    return !parse_hunt(to_json(cells), "hunt.json");
  };
  EXPECT_FALSE(refused([](HuntedCell*) {}));
  EXPECT_TRUE(refused([](HuntedCell* cell) { cell->worst.clear(); }));
  EXPECT_TRUE(refused([](HuntedCell* cell) { std::swap(cell->worst[0], cell->worst[1]); }));
  EXPECT_TRUE(refused([](HuntedCell* cell) { cell->worst[0].shots_ns.clear(); }));
  EXPECT_TRUE(refused([](HuntedCell* cell) { cell->worst[0].shots_ns = {5'000, 1'000}; }));
  EXPECT_TRUE(refused([](HuntedCell* cell) { cell->worst[0].shots_ns = {1'000, 5'001}; }));
}

HuntedFailure made_up_failure() {
  return {"panicked: Fatal exception",
          3,
          {1'000, 2'000},
          true,
          "cells/generic.mixed/hunted-failure-3-2.log",
          "ab"};
}

TEST(HuntFile, AKernelThatFailedIsReadAsItWasWritten) {
  std::vector<HuntedCell> cells = made_up();
  cells[0].kernel_failures = {made_up_failure()};
  cells[0].worst.clear();
  const auto read = parse_hunt(to_json(cells), "hunt.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, cells);
  cells[0].kernel_failures[0].shots_ns = {2'000, 1'000};
  EXPECT_FALSE(parse_hunt(to_json(cells), "hunt.json"));
  for (const char* outside : {"", "/etc/passwd", "../../x"}) {
    cells[0].kernel_failures[0] = made_up_failure();
    cells[0].kernel_failures[0].console = outside;
    EXPECT_FALSE(parse_hunt(to_json(cells), "hunt.json")) << outside;
  }
}

TEST(HuntFile, HowSeveralCpusTookTurnsIsReadAsItWasWritten) {
  std::vector<HuntedCell> cells = made_up();
  EXPECT_EQ(to_json(cells).find("turns"), std::string::npos) << "one CPU takes none";
  cells[0].turns = {2, 200, 0, 1};
  const auto read = parse_hunt(to_json(cells), "hunt.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, cells);
  cells[0].turns = {2, 200, std::nullopt, std::nullopt};
  const auto none_ended = parse_hunt(to_json(cells), "hunt.json");
  ASSERT_TRUE(none_ended) << none_ended.error().what;
  EXPECT_EQ(*none_ended, cells);
  for (const HuntedTurns& wrong :
       {HuntedTurns{2, 200, 0, 2}, HuntedTurns{2, 200, 2, 0}, HuntedTurns{2, 0, 0, 1},
        HuntedTurns{2, -1, 0, 1}, HuntedTurns{1, 200, 0, 0}, HuntedTurns{5, 200, 0, 1}}) {
    cells[0].turns = wrong;
    EXPECT_FALSE(parse_hunt(to_json(cells), "hunt.json")) << wrong.cpus << " CPUs, " << wrong.slice_ns;
  }
}

// As of --repeat-failures, and of a hunt whose first run failed.
TEST(HuntFile, ALaterHuntWithoutAnAimedRunKeepsTheCpusThatWereTold) {
  std::vector<HuntedCell> before = made_up();
  before[0].turns = {2, 200, 1, 0};
  HuntedCell later = made_up()[0];
  later.turns = {2, 200, std::nullopt, std::nullopt};
  EXPECT_EQ(with_hunt(before, later)[0].turns, before[0].turns);
  later.turns = {2, 200, 0, 1};
  EXPECT_EQ(with_hunt(before, later)[0].turns, later.turns);
  later.turns = {2, 200, std::nullopt, std::nullopt};
  later.samples_sha256 = "of another measurement";
  EXPECT_EQ(with_hunt(before, later)[0].turns, later.turns);
}

TEST(HuntFile, AFailureIsKeptOnceAndByEveryLaterHunt) {
  std::vector<HuntedCell> before = made_up();
  before[0].kernel_failures = {made_up_failure()};
  EXPECT_EQ(with_hunt(before, made_up()[0])[0].kernel_failures.size(), 1U);
  HuntedCell again = made_up()[0];
  again.kernel_failures = {made_up_failure()};
  again.kernel_failures[0].repeated = false;
  const auto both = with_hunt(before, again);
  ASSERT_EQ(both[0].kernel_failures.size(), 1U);
  EXPECT_FALSE(both[0].kernel_failures[0].repeated) << "what is known last";
  again.kernel_failures[0].seed = 9;
  EXPECT_EQ(with_hunt(before, again)[0].kernel_failures.size(), 2U);
}

TEST(HuntFile, ALaterHuntLosesNothing) {
  HuntedCell weaker = made_up().front();
  weaker.worst = {weaker.worst[1]};
  weaker.worst[0].seed = 5;
  HuntedCell other = made_up().front();
  other.cell = "generic.idle";
  std::vector<HuntedCell> all = with_hunt(with_hunt(made_up(), other), weaker);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].worst.size(), 3U);
  EXPECT_EQ(all[0].worst[0].latency_ns, 730'000);
  EXPECT_EQ(all[0].stimuli, 4'000U);
  EXPECT_EQ(all[0].host_s, 117);
  EXPECT_EQ(all[1], other);
  EXPECT_TRUE(parse_hunt(to_json(all), "hunt.json"));
  weaker.samples_sha256 = "cd";
  EXPECT_EQ(with_hunt(all, weaker)[0], weaker) << "the cell was measured anew";
}

TEST(HuntFile, TwoHuntsInOneRunLoseNothingOfEachOther) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "cells");
  std::vector<std::string> told;
  const Notify notify = [&](const std::string& line) { told.push_back(line); };
  std::vector<std::thread> hunts;
  for (int i = 0; i < 8; ++i)
    hunts.emplace_back([&, i] {
      HuntedCell cell = made_up().front();
      cell.cell = "cell-" + std::to_string(i);
      EXPECT_TRUE(add_to_hunt_file(folder.path(), cell, [](const std::string&) {}));
    });
  for (std::thread& each : hunts) each.join();
  EXPECT_EQ(read_hunt(folder.path()).value().value().size(), 8U);
  ASSERT_TRUE(write_file_atomically(folder.path() / hunt_file, "{"));
  EXPECT_EQ(add_to_hunt_file(folder.path(), made_up().front(), notify).value().size(), 1U);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].starts_with("an earlier hunt is lost: "));
}

TEST(HuntFile, TheLargestIsThatOfAllCellsUnlessOneHasNoEnd) {
  std::vector<HuntedCell> cells = made_up();
  cells.push_back(cells[0]);
  cells[1].worst.clear();
  EXPECT_EQ(largest_hunted_ns(cells), 730'000);
  cells[1].unanswered = 1;
  EXPECT_EQ(largest_hunted_ns(cells), std::nullopt);
  EXPECT_EQ(largest_hunted_ns({}), std::nullopt);
}

TEST(HuntFile, AStimulusIsAmongTheWorstOnce) {
  std::vector<HuntedStimulus> worst = made_up().front().worst;
  worst[1].seed = 5;
  const auto before = worst;
  keep_worst(worst[1], &worst);
  EXPECT_EQ(worst, before);
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    HuntedStimulus each = worst[1];
    each.seed = seed;
    each.latency_ns = static_cast<std::int64_t>(seed);
    keep_worst(each, &worst);
  }
  EXPECT_EQ(worst.size(), hunted_kept);
  EXPECT_EQ(worst.front().latency_ns, 730'000);
  EXPECT_EQ(worst.back().latency_ns, 112);
}

TEST(HuntFile, IsNothingWhereNobodyHunted) {
  const TempFolder folder;
  const auto none = read_hunt(folder.path());
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  ASSERT_TRUE(write_file_atomically(folder.path() / hunt_file, to_json(made_up())));
  const auto some = read_hunt(folder.path());
  ASSERT_TRUE(some && *some);
  EXPECT_EQ(**some, made_up());
}

}  // namespace
}  // namespace loopgate
