#include "run/fits.h"

#include <gmock/gmock.h>

namespace loopgate::fits_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Board board_with_roles() {
  Board board;
  board.name = "smp";
  board.cpus = 3;
  board.measured_cpus = {2};
  board.housekeeping_cpus = {0, 1};
  return board;
}

Load load_on(LoadCpus cpus) {
  LoadPart part;
  part.name = "p";
  part.cpus = cpus;
  Load load;
  load.name = "l";
  load.parts = {part};
  return load;
}

Kernel kernel_with(const std::string& arguments) {
  Kernel kernel;
  kernel.name = "k";
  kernel.arguments = arguments;
  return kernel;
}

TEST(LoadsCpus, AreTheBoards) {
  const Board board = board_with_roles();
  EXPECT_THAT(cpus_for(LoadCpus::housekeeping, board), ElementsAre(0, 1));
  EXPECT_THAT(cpus_for(LoadCpus::measured, board), ElementsAre(2));
  EXPECT_THAT(cpus_for(LoadCpus::all, board), ElementsAre(0, 1, 2));
  EXPECT_THAT(cpus_for(LoadCpus::any, board), ElementsAre());
}

TEST(LoadsCpus, ThatABoardDoesNotHaveAreRefusedByName) {
  for (const LoadCpus cpus : {LoadCpus::housekeeping, LoadCpus::measured, LoadCpus::all, LoadCpus::any})
    EXPECT_TRUE(check_load(load_on(cpus), board_with_roles()));
  Board one;
  one.name = "one";
  EXPECT_TRUE(check_load(load_on(LoadCpus::any), one));
  const auto refused = check_load(load_on(LoadCpus::housekeeping), one);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what,
            "load l: its part p runs on housekeeping CPUs, and board one has no housekeeping_cpus");
}

TEST(Isolation, OfNoneOfTheMeasuredCpusIsRefused) {
  const Board board = board_with_roles();
  EXPECT_TRUE(check_isolation(kernel_with("quiet"), board));
  EXPECT_TRUE(check_isolation(kernel_with("isolcpus=managed_irq,domain,1-2"), board));
  const auto refused = check_isolation(kernel_with("isolcpus=0"), board);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("isolcpus= names 0, and board smp measures on 2"));
  EXPECT_TRUE(check_isolation(kernel_with("isolcpus=0"), Board()))
      << "which does not say what it measures on";
}

TEST(ThreadCpus, ThatTheBoardDoesNotHaveAreRefused) {
  Kernel kernel;
  kernel.name = "mine";
  kernel.threads = {{"irq/*", "fifo", 40}, {"kthreadd", "other"}};
  kernel.threads[1].cpus = {0, 3};
  Board board = board_with_roles();
  board.cpus = 4;
  EXPECT_TRUE(check_thread_cpus(kernel, board));
  board.cpus = 3;
  const auto refused = check_thread_cpus(kernel, board);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what,
            "kernel mine: the threads kthreadd are to keep to CPU 3, and board smp has 3 (from 0)");
}

}  // namespace
}  // namespace loopgate::fits_test
