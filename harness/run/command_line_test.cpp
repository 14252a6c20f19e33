#include "run/command_line.h"

#include <gmock/gmock.h>

#include "run/testing/fake_machine.h"

namespace loopgate::command_line_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(DroppedArgument, IsNoneWhereTheKernelWasGivenEach) {
  EXPECT_THAT(dropped_argument("", ""), IsEmpty());
  EXPECT_THAT(dropped_argument("", "console=ttyAMA0"), IsEmpty());
  EXPECT_THAT(dropped_argument("threadirqs isolcpus=1", "console=ttyAMA0 threadirqs isolcpus=1"), IsEmpty());
  EXPECT_THAT(dropped_argument("  threadirqs\tisolcpus=1 ", "threadirqs  isolcpus=1\n"), IsEmpty());
}

TEST(DroppedArgument, AllowsWhatFirmwareAddsAnywhere) {
  EXPECT_THAT(dropped_argument("threadirqs isolcpus=1",
                               "BOOT_IMAGE=/k threadirqs coherent_pool=1M isolcpus=1 dwc_otg.lpm_enable=0"),
              IsEmpty());
}

TEST(DroppedArgument, NamesTheFirstThatIsNotThere) {
  EXPECT_THAT(dropped_argument("quiet threadirqs isolcpus=1", "console=ttyAMA0 quiet"),
              HasSubstr("threadirqs"));
  EXPECT_THAT(dropped_argument("isolcpus=1", "isolcpus=12"), HasSubstr("isolcpus=1 that"));
  EXPECT_THAT(dropped_argument("threadirqs", ""), HasSubstr("has 0 bytes"));
}

// Of two settings of one thing the last counts, so another order is another request.
TEST(DroppedArgument, KeepsTheOrderAndTheNumber) {
  EXPECT_THAT(dropped_argument("preempt=none preempt=full", "preempt=full preempt=none"),
              HasSubstr("preempt=full"));
  EXPECT_THAT(dropped_argument("quiet quiet", "quiet"), HasSubstr("quiet"));
}

// A line of 2,047 bytes is read whole; of one more, the last would be missing.
TEST(CheckCommandLine, RefusesWhatTheKernelWouldCutOff) {
  const Plan plan = made_up_plan();
  Kernel kernel = plan.kernels[0];
  kernel.arguments.clear();
  ASSERT_TRUE(check_command_line(kernel, plan.board));
  std::size_t room = 0;
  while (kernel.arguments.size() < 3'000 && check_command_line(kernel, plan.board)) {
    room = kernel.arguments.size();
    kernel.arguments += "a";
  }
  EXPECT_GT(room, 1'500U);
  EXPECT_LT(room, longest_command_line);
  const auto refused = check_command_line(kernel, plan.board);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().what, HasSubstr("has 2048 bytes, and a kernel reads 2047"));
  EXPECT_THAT(refused.error().next_step, HasSubstr("by 1 bytes"));
}

// A board's own words, its root and its console, are counted as well.
TEST(CheckCommandLine, CountsTheWholeLineOfABoard) {
  const Plan plan = made_up_plan_of_a_board();
  Kernel kernel = plan.kernels[0];
  EXPECT_TRUE(check_command_line(kernel, plan.board));
  kernel.arguments = std::string(longest_command_line, 'a');
  EXPECT_THAT(check_command_line(kernel, plan.board).error().what, HasSubstr("and a kernel reads 2047"));
}

}  // namespace
}  // namespace loopgate::command_line_test
