#include "record/instruction_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace loopgate::instruction_text_test {
namespace {

TEST(InstructionText, NamesTheTurnsOfSeveralCpus) {
  EXPECT_EQ(instruction_text(0, 1, 0), "1 ns per instruction");
  EXPECT_EQ(instruction_text(2, 1, 0), "4 ns per instruction");
  EXPECT_EQ(instruction_text(0, 2, 200), "2 ns per instruction, 2 CPUs in turns of 200 ns");
}

TEST(InstructionText, OfNumbersThatAreNoBoardsIsEmpty) {
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(instruction_text(-1, 1, 0), "");
  EXPECT_EQ(instruction_text(64, 1, 0), "");
  EXPECT_EQ(instruction_text(0, huge, 0), "");
  EXPECT_EQ(instruction_text(0, 0, 0), "");
}

}  // namespace
}  // namespace loopgate::instruction_text_test
