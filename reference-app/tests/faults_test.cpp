#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "planted/faulty_loop.h"

namespace loopgate::planted {
namespace {

// Empty, or what the command line is refused for.
std::string refusal(std::vector<std::string> arguments, LoopFaults* faults) {
  CLI::App app;
  faults->add_options(&app);
  std::ranges::reverse(arguments);  // as CLI11 takes them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return {};
}

TEST(Faults, AreOffUnlessAskedFor) {
  LoopFaults faults;
  EXPECT_EQ(refusal({}, &faults), "");
  for (const std::uint64_t number : {1U, 2U, 1'000'000U}) {
    EXPECT_TRUE(faults.answers(number));
    EXPECT_EQ(faults.frame_of(number, number), number);
    EXPECT_EQ(faults.decision_of(number, Decision::ok), Decision::ok);
  }
}

TEST(Faults, ADelayHasAnEvenNumberOfInstructions) {
  LoopFaults faults;
  EXPECT_EQ(refusal({"--delay-instructions", "4"}, &faults), "");
  EXPECT_EQ(faults.delay_instructions, 4U);
  EXPECT_NE(refusal({"--delay-instructions", "3"}, &faults).find("must be even"), std::string::npos);
}

TEST(Faults, OppositeKeepsNone) {
  EXPECT_EQ(opposite(Decision::ok), Decision::ng);
  EXPECT_EQ(opposite(Decision::ng), Decision::ok);
  EXPECT_EQ(opposite(Decision::none), Decision::none);
}

TEST(Faults, BeginAfterSoManyEvents) {
  LoopFaults faults;
  EXPECT_EQ(
      refusal({"--mute-after", "2", "--previous-after", "3", "--wrong-after", "4", "--stale-after", "5"},
              &faults),
      "");
  EXPECT_TRUE(faults.answers(2));
  EXPECT_FALSE(faults.answers(3));
  EXPECT_EQ(faults.frame_of(3, 7), 7U);
  EXPECT_EQ(faults.frame_of(4, 7), 6U);
  EXPECT_FALSE(faults.keeps_picture(5));
  EXPECT_TRUE(faults.keeps_picture(6));
  EXPECT_EQ(faults.decision_of(5, Decision::ok), Decision::ng);
}

}  // namespace
}  // namespace loopgate::planted
