#include "qemu/plugin/aim.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <set>

#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

constexpr SectionPlace long_place{0x1000, 0x10};
constexpr SectionPlace short_place{0x2000, 0x20};
constexpr std::int64_t long_ns = 300'000;
constexpr std::int64_t short_ns = 1'000;

AimSettings settings() {
  AimSettings aim;
  aim.at_sections = true;
  aim.rest_ns = 100;
  aim.patience_ns = 10'000;
  aim.explored_of = 0;
  return aim;
}

OpenedSection opened(const SectionPlace& place, std::int64_t at_ns) {
  return {SectionKind::preemption_off, at_ns, place};
}

ClosedSection closed(const SectionPlace& place, std::int64_t begin_ns, std::int64_t length_ns) {
  return {SectionKind::preemption_off, begin_ns, begin_ns + length_ns, place, place, 0};
}

// Has seen one window of each place, and is free from 1,000,000 on.
Aim taught() {
  Aim aim(settings());
  aim.learn(closed(long_place, 0, long_ns));
  aim.learn(closed(short_place, 500'000, short_ns));
  aim.free_at(1'000'000);
  return aim;
}

TEST(Aim, IsSentAtTheLongestAtOnce) {
  Aim aim = taught();
  EXPECT_TRUE(aim.wants(opened(long_place, 1'000'100), 0));
}

TEST(Aim, AsksForLessTheLongerItWaits) {
  Aim aim = taught();
  EXPECT_FALSE(aim.wants(opened(short_place, 1'000'200), 0));
  EXPECT_FALSE(aim.wants(opened(short_place, 1'009'000), 0)) << "a tenth of 300 us is still asked for";
  EXPECT_TRUE(aim.wants(opened(short_place, 1'010'100), 0));
}

TEST(Aim, RestsAfterAStimulusAndIsSentOnce) {
  Aim aim = taught();
  EXPECT_FALSE(aim.wants(opened(long_place, 1'000'050), 0));
  EXPECT_TRUE(aim.wants(opened(long_place, 1'000'150), 0));
  EXPECT_FALSE(aim.wants(opened(long_place, 1'000'200), 0)) << "one is under way";
  aim.answered(310'000);
  aim.free_at(1'400'000);
  EXPECT_FALSE(aim.wants(opened(long_place, 1'400'050), 0));
  EXPECT_TRUE(aim.wants(opened(long_place, 1'400'150), 0));
}

TEST(Aim, WaitsForAPlaceThatItKnows) {
  Aim aim = taught();
  EXPECT_FALSE(aim.wants(opened({0x3000, 0}, 2'000'000), 0));
}

// A place that is long once in a while is tried now and then, though its last windows were short.
TEST(Aim, TriesAPlaceThatIsRarelyLong) {
  Aim aim = taught();
  for (int i = 0; i < 8; ++i) aim.learn(closed(long_place, 600'000 + i * 10'000, short_ns));
  int tried = 0;
  for (int i = 0; i < 900; ++i) {
    const std::int64_t now_ns = 2'000'000 + i * std::int64_t{1'000'000};
    aim.free_at(now_ns);
    if (aim.wants(opened(long_place, now_ns + 100), 0)) ++tried;
  }
  EXPECT_GT(tried, 50);
  EXPECT_LT(tried, 200) << "one of nine that it draws from";
}

// What a stimulus came to counts, not only how long the window was.
TEST(Aim, LearnsFromWhatAStimulusCameTo) {
  Aim aim = taught();
  for (int i = 0; i < 40; ++i) {
    const std::int64_t now_ns = 2'000'000 + i * std::int64_t{1'000'000};
    aim.free_at(now_ns);
    ASSERT_TRUE(aim.wants(opened(short_place, now_ns + 11'000), 0));
    aim.answered(i % 2 == 0 ? 400'000 : 10'000);
  }
  int wanted = 0;
  for (int i = 0; i < 400; ++i) {
    const std::int64_t now_ns = 100'000'000 + i * std::int64_t{1'000'000};
    aim.free_at(now_ns);
    if (aim.wants(opened(short_place, now_ns + 100), 0)) ++wanted;
  }
  EXPECT_GT(wanted, 60) << "its windows are short, but half of its stimuli waited 400 us";
}

AimSettings exploring() {
  AimSettings aim = settings();
  aim.explored_of = 1;
  aim.at_chance = false;
  return aim;
}

// Sends a stimulus at a window of the place, and says how late after its opening; nothing where it is not
// wanted.
std::optional<std::int64_t> sent_after(Aim* aim, const SectionPlace& place, std::uint64_t callers,
                                       std::int64_t now_ns, std::int64_t latency_ns) {
  aim->free_at(now_ns);
  if (!aim->wants(opened(place, now_ns + 501'000), callers)) return std::nullopt;
  aim->answered(latency_ns);
  return aim->delay_ns();
}

TEST(Aim, GoesToSitesThatHadNoneYet) {
  AimSettings given = exploring();
  given.patience_ns = 10'000'000;
  Aim aim(given);
  EXPECT_EQ(sent_after(&aim, short_place, 1, 1'000'000, 10'000), 0);
  EXPECT_EQ(sent_after(&aim, short_place, 2, 9'000'000, 60'000), 0) << "the same place, and another caller";
  EXPECT_FALSE(sent_after(&aim, short_place, 1, 19'000'000, 10'000)) << "known, and not among the worst";
}

TEST(Aim, LeavesHalfOfWhatItExploresToChance) {
  AimSettings given = exploring();
  given.at_chance = true;
  Aim aim(given);
  int chances = 0;
  for (int i = 0; i < 400; ++i) {
    const std::int64_t now_ns = 1'000'000 * std::int64_t{i};
    aim.free_at(now_ns);
    if (!aim.chance_at_ns()) continue;
    ++chances;
    EXPECT_GE(*aim.chance_at_ns(), now_ns + given.rest_ns);
    EXPECT_LT(*aim.chance_at_ns(), now_ns + given.rest_ns + 500'000);
    EXPECT_FALSE(aim.is_free()) << "no window takes its place";
  }
  EXPECT_GT(chances, 150);
  EXPECT_LT(chances, 250);
}

TEST(Aim, TriesLaterMomentsWhereItWasWorst) {
  AimSettings given = exploring();
  given.patience_ns = 10'000'000;
  Aim aim(given);
  ASSERT_TRUE(sent_after(&aim, long_place, 2, 500'000, 10'000));
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i)
    if (const auto delay = sent_after(&aim, short_place, 1, 1'000'000 + i * std::int64_t{9'000'000}, 50'000))
      seen.insert(*delay);
  EXPECT_EQ(seen, (std::set<std::int64_t>{0, 250, 500, 1'000, 2'000, 4'000, 8'000, 16'000}));
}

// A stimulus that goes to chance is one of the worst, 4 us after a window opened there.
TEST(Aim, IsTaughtByChanceWhatHurts) {
  AimSettings given = exploring();
  given.at_chance = true;
  Aim aim(given);
  std::int64_t now_ns = 0;
  do {
    aim.free_at(now_ns += 1'000'000);
  } while (!aim.chance_at_ns());
  const std::int64_t at_ns = *aim.chance_at_ns();
  EXPECT_FALSE(aim.hears(at_ns - 20'000));
  EXPECT_TRUE(aim.hears(at_ns - 4'000));
  EXPECT_FALSE(aim.wants(opened(short_place, at_ns - 4'000), 1)) << "the moment is chosen";
  EXPECT_FALSE(aim.hears(at_ns + 1));
  aim.answered(10'000);
  ASSERT_EQ(aim.taught().size(), 1U);
  EXPECT_EQ(aim.taught()[0].address, short_place.address);
  EXPECT_EQ(aim.taught()[0].delay_ns, 4'000);
  EXPECT_EQ(aim.taught()[0].stimuli, 1U);
}

// On several CPUs one that a window asks for comes a round later, as do those that chance teaches to send.
TEST(Aim, LeavesTheLeadOutOfTheDelaysThatItLearns) {
  constexpr std::int64_t lead_ns = 400;
  AimSettings given = exploring();
  given.at_chance = true;
  Aim aim(given, lead_ns);
  std::int64_t now_ns = 0;
  do {
    aim.free_at(now_ns += 1'000'000);
  } while (!aim.chance_at_ns());
  const std::int64_t at_ns = *aim.chance_at_ns();
  EXPECT_TRUE(aim.hears(at_ns - 16'300));
  EXPECT_FALSE(aim.wants(opened(long_place, at_ns - lead_ns + 1), 1)) << "none could be sent in time";
  EXPECT_FALSE(aim.wants(opened(short_place, at_ns - 4'000 - lead_ns), 1));
  aim.answered(10'000);
  ASSERT_EQ(aim.taught().size(), 1U);
  EXPECT_EQ(aim.taught()[0].address, short_place.address);
  EXPECT_EQ(aim.taught()[0].delay_ns, 4'000);
}

TEST(Aim, TakesTheThreadsCpuAtItsWindowsWord) {
  const auto on_cpu = [](OpenedSection section, std::uint32_t cpu) {
    section.cpu = cpu;
    return section;
  };
  Aim aim = taught();
  EXPECT_FALSE(aim.wants(on_cpu(opened(long_place, 1'000'100), 1), 0))
      << "CPU 1's keep no thread of CPU 0 waiting";
  EXPECT_TRUE(aim.wants(on_cpu(opened(long_place, 1'000'100), 0), 0));
  aim.answered(10'000);
  for (const std::uint32_t cpu : {1U, 0U, 1U}) aim.served_on(cpu);
  aim.free_at(2'000'000);
  EXPECT_FALSE(aim.wants(on_cpu(opened(long_place, 2'000'100), 0), 1));
  EXPECT_TRUE(aim.wants(on_cpu(opened(long_place, 2'000'100), 1), 1));
}

TEST(Aim, AWindowWithInterruptsOffIsTheInterruptsAsWell) {
  const auto wants = [](SectionKind kind) {
    Aim aim = taught();
    ClosedSection seen = closed(long_place, 0, long_ns);
    seen.kind = kind;
    aim.learn(seen);
    aim.served_on(1);
    aim.taken_on(0);
    aim.free_at(1'000'000);
    return aim.wants({kind, 1'000'100, long_place}, 0);
  };
  EXPECT_TRUE(wants(SectionKind::interrupts_off));
  EXPECT_FALSE(wants(SectionKind::preemption_off));
}

TEST(Aim, KnowsOfAnotherCpusWindowsWhatTheirStimuliCameTo) {
  const auto there = [](std::int64_t at_ns) {
    OpenedSection section = opened(short_place, at_ns);
    section.cpu = 1;
    return section;
  };
  AimSettings given = exploring();
  given.patience_ns = 10'000'000;
  Aim exploring_aim(given);
  for (int i = 0; i < 8; ++i) {
    exploring_aim.free_at(1'000'000 + i * std::int64_t{20'000'000});
    if (exploring_aim.wants(there(1'501'000 + i * std::int64_t{20'000'000}), 0))
      exploring_aim.answered(i == 0 ? 10'000 : 90'000);
  }
  ASSERT_FALSE(exploring_aim.taught().empty()) << "it was tried, as a new site";
  Aim aim(settings());
  aim.remember(exploring_aim.taught());
  int wanted = 0;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t now_ns = 500'000'000 + i * std::int64_t{1'000'000};
    aim.free_at(now_ns);
    if (!aim.wants(there(now_ns + 11'000), 0)) continue;
    ++wanted;
    aim.answered(90'000);
  }
  EXPECT_GT(wanted, 20);
}

constexpr SectionPlace lock_place{0x7000, 0x100};

OpenedSection taken(std::int64_t at_ns, std::uint32_t beside) {
  return {SectionKind::lock_held, at_ns, lock_place, beside};
}

TEST(Aim, IsSentOnceTheLockIsTaken) {
  Aim aim = taught();
  ClosedSection held = closed(lock_place, 0, long_ns);
  held.kind = SectionKind::lock_held;
  aim.learn(held);
  aim.free_at(1'000'000);
  ASSERT_TRUE(aim.wants(taken(1'000'100, 0), 0));
  EXPECT_EQ(aim.delay_ns(), 40) << "the function that takes it has only begun";
}

TEST(Aim, ALockPromisesMoreWhereOthersAreHeldBesides) {
  const auto wants = [](std::uint32_t beside) {
    Aim aim = taught();
    ClosedSection held = closed(lock_place, 0, long_ns / 2);
    held.kind = SectionKind::lock_held;
    aim.learn(held);
    return aim.wants(taken(1'000'200, beside), 0);  // all but 1 % of 300 us is asked for
  };
  EXPECT_FALSE(wants(0));
  EXPECT_TRUE(wants(1));
}

TEST(Aim, TriesNewSitesOnlyWhereALockIsHeldIfLocksAreFollowed) {
  AimSettings given = exploring();
  given.patience_ns = 10'000'000;
  Aim aim(given);
  ClosedSection held = closed(lock_place, 0, 3'000);
  held.kind = SectionKind::lock_held;
  aim.learn(held);
  EXPECT_FALSE(sent_after(&aim, short_place, 1, 1'000'000, 10'000));
  aim.set_held(1);
  EXPECT_TRUE(sent_after(&aim, short_place, 1, 11'000'000, 10'000));
  EXPECT_TRUE(sent_after(&aim, long_place, 1, 21'000'000, 60'000));
  EXPECT_FALSE(sent_after(&aim, short_place, 1, 31'000'000, 10'000)) << "known, and not among the worst";
  aim.set_held(2);
  EXPECT_TRUE(sent_after(&aim, short_place, 1, 41'000'000, 10'000)) << "with two held it is another one";
}

TEST(Aim, HandsOnWhatItLearned) {
  const TempFolder folder;
  const auto file = folder.path() / "aim.bin";
  EXPECT_TRUE(read_aim_file(file).empty()) << "the first run has nothing to go by";
  AimSettings given = exploring();
  given.patience_ns = 10'000'000;
  Aim first(given);
  ASSERT_TRUE(sent_after(&first, short_place, 1, 1'000'000, 10'000));
  ASSERT_TRUE(sent_after(&first, short_place, 2, 9'000'000, 60'000));
  ASSERT_TRUE(write_aim_file(file, first.taught()));
  Aim second(given);
  second.remember(read_aim_file(file));
  ASSERT_EQ(second.taught().size(), 2);
  EXPECT_EQ(second.taught()[1].largest_ns, 50'000) << "above the shortest";
  EXPECT_FALSE(sent_after(&second, short_place, 1, 20'000'000, 10'000)) << "it had one";
  std::ofstream(file, std::ios::app) << "x";
  EXPECT_TRUE(read_aim_file(file).empty()) << "a file of another size is none";
}

TEST(Aim, IsTheSameForTheSameSeed) {
  const auto decisions = [](std::uint64_t seed) {
    AimSettings given = settings();
    given.seed = seed;
    Aim aim(given);
    std::vector<bool> all;
    for (int i = 0; i < 300; ++i) {
      const std::int64_t now_ns = i * std::int64_t{50'000};
      aim.learn(closed(i % 3 == 0 ? long_place : short_place, now_ns, (i * 7919) % 30'000 + 1));
      aim.free_at(now_ns + 31'000);
      all.push_back(aim.wants(opened(i % 2 == 0 ? long_place : short_place, now_ns + 34'000), 0));
    }
    return all;
  };
  EXPECT_EQ(decisions(7), decisions(7));
  EXPECT_NE(decisions(7), decisions(8));
}

}  // namespace
}  // namespace loopgate
