#include "qemu/plugin/path_counter.h"

#include <gmock/gmock.h>

#include <numeric>

namespace loopgate::path_counter_test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Instructions = CountedPath::Instructions;

constexpr PathRunner program{0x100, false};
constexpr PathRunner program_interrupted{0x100, true};
constexpr PathRunner idle_task{0x200, false};
constexpr std::uint64_t user = 0;

// Every ns of the window is in one of the sums.
void expect_exact(const CountedPath& path) {
  std::int64_t sum = path.idle_ns + path.unknown_ns + path.outside.idle_ns +
                     static_cast<std::int64_t>(path.outside.instructions);
  for (const auto& [runner, instructions] : path.parts)
    for (const auto& [address, count] : instructions) sum += static_cast<std::int64_t>(count);
  EXPECT_EQ(sum, path.end_ns - path.begin_ns);
}

TEST(PathCounter, CountsEachBlockWhereItBegins) {
  PathCounter counter;
  EXPECT_FALSE(counter.is_open());
  counter.open(1'000, program, {user, 3});
  EXPECT_TRUE(counter.is_open());
  counter.enter(1'003, program, {0xa000, 10});
  counter.enter(1'013, program, {0xb000, 7});
  counter.enter(1'020, program, {0xa000, 10});
  counter.enter(1'030, program, {user, 8});
  const CountedPath path = counter.close(1'035);
  EXPECT_FALSE(counter.is_open());
  EXPECT_TRUE(path.finished);
  EXPECT_EQ(path.begin_ns, 1'000);
  EXPECT_EQ(path.end_ns, 1'035);
  EXPECT_EQ(path.unknown_ns, 0);
  EXPECT_THAT(path.parts, ElementsAre(Pair(program, Instructions{{user, 3 + 5}, {0xa000, 20}, {0xb000, 7}})))
      << "the end mark stands in the middle of a block";
  expect_exact(path);
}

TEST(PathCounter, BothMarksInOneBlock) {
  PathCounter counter;
  counter.open(50, program, {user, 20});
  const CountedPath path = counter.close(57);
  EXPECT_THAT(path.parts, ElementsAre(Pair(program, Instructions{{user, 7}})));
  expect_exact(path);
}

TEST(PathCounter, TakesBackWhatABlockDidNotComeTo) {
  PathCounter counter;
  counter.open(0, program, {user, 5});
  counter.enter(5, program, {0xa000, 10});  // a page fault at its fifth instruction
  counter.enter(9, program, {0xc000, 6});   // which is handled
  counter.enter(15, program, {0xa010, 6});  // the rest, from the instruction that had faulted
  counter.enter(21, program, {0xd000, 4});  // left before its first instruction
  counter.enter(21, program, {0xc000, 6});
  const CountedPath path = counter.close(27);
  EXPECT_THAT(path.parts,
              ElementsAre(Pair(program, Instructions{{user, 5}, {0xa000, 4}, {0xa010, 6}, {0xc000, 12}})));
  EXPECT_EQ(path.unknown_ns, 0);
  expect_exact(path);
}

TEST(PathCounter, WaitingIsIdleAndAnythingElseIsUnknown) {
  PathCounter counter;
  counter.open(0, program, {user, 5});
  counter.enter(5, idle_task, {0xe000, 2, true});
  counter.enter(1'000, idle_task, {0xe008, 3});
  counter.enter(1'010, program, {user, 5});
  const CountedPath path = counter.close(1'015);
  EXPECT_EQ(path.idle_ns, 995 - 2);
  EXPECT_EQ(path.unknown_ns, 7);
  EXPECT_THAT(path.parts, ElementsAre(Pair(program, Instructions{{user, 10}}),
                                      Pair(idle_task, Instructions{{0xe000, 2}, {0xe008, 3}})));
  expect_exact(path);
}

TEST(PathCounter, TellsOnWhoseBehalf) {
  PathCounter counter;
  counter.open(0, program, {user, 5});
  counter.enter(5, program_interrupted, {0xf000, 8});
  counter.enter(13, idle_task, {0xa000, 1});
  counter.enter(14, program, {0xa000, 2});
  const CountedPath path = counter.close(16);
  EXPECT_EQ(path.opened_by, program);
  EXPECT_THAT(path.parts, ElementsAre(Pair(program, Instructions{{user, 5}, {0xa000, 2}}),
                                      Pair(program_interrupted, Instructions{{0xf000, 8}}),
                                      Pair(idle_task, Instructions{{0xa000, 1}})));
  expect_exact(path);
}

TEST(PathCounter, AWindowWithoutAnEndHasNoMoreThanIsSure) {
  PathCounter counter;
  counter.open(0, program, {user, 5});
  counter.enter(5, program, {0xa000, 10});
  const CountedPath path = counter.give_up();
  EXPECT_FALSE(path.finished);
  EXPECT_FALSE(counter.is_open());
  EXPECT_EQ(path.end_ns, 5);
  EXPECT_THAT(path.parts, ElementsAre(Pair(program, Instructions{{user, 5}})));
  expect_exact(path);
}

TEST(PathCounter, TheNextWindowBeginsEmpty) {
  PathCounter counter;
  counter.open(0, program, {user, 5});
  counter.close(5);
  counter.open(100, idle_task, {user, 4});
  const CountedPath path = counter.close(104);
  EXPECT_EQ(path.begin_ns, 100);
  EXPECT_THAT(path.parts, ElementsAre(Pair(idle_task, Instructions{{user, 4}})));
  expect_exact(path);
}

TEST(PathCounter, OnlyTimedPartsCountWhereThereAreAny) {
  PathCounter counter;
  counter.open(0, program, {user, 5});
  counter.enter(5, program, {0xa000, 10});  // prepares
  counter.enter(15, program, {user, 8});
  counter.begin_part(18, 0);  // in the middle of a block
  counter.enter(23, program, {0xb000, 7});
  counter.enter(30, idle_task, {user, 6});
  counter.end_part(32);                     // on another task
  counter.enter(36, program, {0xa000, 4});  // cleans up
  counter.begin_part(40, 0);
  counter.end_part(40);
  const CountedPath path = counter.close(40);
  EXPECT_EQ(path.timed_parts, 2U);
  EXPECT_EQ(path.misplaced_marks, 0U);
  EXPECT_THAT(path.parts, ElementsAre(Pair(program, Instructions{{user, 5}, {0xb000, 7}}),
                                      Pair(idle_task, Instructions{{user, 2}})));
  EXPECT_EQ(path.outside.instructions, 5U + 10 + 3 + 4 + 4);
  expect_exact(path);
}

TEST(PathCounter, WhatWasCountedBeforeTheFirstPartWasNotTimed) {
  PathCounter counter;
  counter.open(0, program, {user, 5});
  counter.enter(5, idle_task, {0xe000, 2, true});
  counter.enter(100, program, {user, 9});
  counter.begin_part(101, 0);
  counter.end_part(107);
  const CountedPath path = counter.close(109);
  EXPECT_THAT(path.parts, ElementsAre(Pair(program, Instructions{{user, 6}})));
  EXPECT_EQ(path.idle_ns, 0);
  EXPECT_EQ(path.outside.idle_ns, 93);
  EXPECT_EQ(path.outside.instructions, 5U + 2 + 1 + 2);
  expect_exact(path);
}

TEST(PathCounter, APartThatBeginsLaterBeginsAtItsTime) {
  PathCounter counter;
  counter.open(0, program, {user, 5});
  counter.begin_part(5, 1'000);
  counter.enter(5, program, {0xa000, 10});
  counter.enter(15, idle_task, {0xe000, 2, true});  // waits until 1,100, past 1,005
  counter.enter(1'100, program, {user, 8});
  counter.end_part(1'106);
  counter.begin_part(1'107, 3);  // and in the middle of a block
  counter.end_part(1'108);       // but ends before it
  const CountedPath path = counter.close(1'108);
  EXPECT_EQ(path.idle_ns, 95);
  EXPECT_EQ(path.outside.idle_ns, 988);
  EXPECT_THAT(path.parts, ElementsAre(Pair(program, Instructions{{user, 6}})));
  EXPECT_EQ(path.misplaced_marks, 1U);
  expect_exact(path);
  counter.open(0, program, {user, 5});
  counter.begin_part(1, 6);
  counter.enter(5, program, {0xa000, 10});
  counter.end_part(12);
  const CountedPath busy = counter.close(12);
  EXPECT_THAT(busy.parts, ElementsAre(Pair(program, Instructions{{0xa000, 5}})));
  EXPECT_EQ(busy.outside.instructions, 7U);
}

TEST(PathCounter, MarksOfPartsThatAreOutOfPlaceAreCounted) {
  PathCounter counter;
  counter.open(0, program, {user, 50});
  counter.end_part(1);
  counter.begin_part(2, 0);
  counter.begin_part(3, 0);
  counter.end_part(4);
  counter.end_part(5);
  counter.begin_part(6, -1);
  counter.begin_part(7, 0);
  const CountedPath path = counter.close(8);
  EXPECT_EQ(path.misplaced_marks, 5U) << "the last is open where the path ends";
  expect_exact(path);
}

}  // namespace
}  // namespace loopgate::path_counter_test
