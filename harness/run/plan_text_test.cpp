#include "run/plan_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate::plan_text_test {
namespace {

PlanDetails details() {
  return {{"linux-image-a 1", "linux-image-b 2"},
          [](const Cell& cell) { return std::vector<std::string>{"does " + cell.name}; }};
}

Plan plan_of(PlanRequest request) {
  request.kernels = {"generic", "preempt-rt"};
  request.loads = {"idle", "mixed"};
  request.repeat = 2;
  request.samples = 1'234;
  return make_plan(request, Catalog(LOOPGATE_SOURCE_DIR)).value();
}

constexpr const char* seeds =
    "schedule seed of each replicate, the same for every kernel and load:\n"
    "   1: 9716232063330790915      2: 13608149317741381227\n";

constexpr const char* cells =
    "kernel      load   cells\n"
    "generic     idle   generic.idle to .2\n"
    "preempt-rt  idle   preempt-rt.idle to .2\n"
    "generic     mixed  generic.mixed to .2\n"
    "preempt-rt  mixed  preempt-rt.mixed to .2\n";

constexpr const char* commands =
    "\ncell generic.idle\n  does generic.idle\n"
    "\ncell preempt-rt.idle\n  does preempt-rt.idle\n"
    "\ncell generic.mixed\n  does generic.mixed\n"
    "\ncell preempt-rt.mixed\n  does preempt-rt.mixed\n";

TEST(PlanText, HasASummaryTheCellsAndWhatReplicatesShareOnce) {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  EXPECT_EQ(
      plan_text(plan_of(request), {details().kernels}),
      fmt::format(
          "suite irq-to-gpio · board qemu-virt-arm64 · virtual time · seed 1 · 1,234 stimuli in "
          "each cell\n"
          "8 cells: 2 kernels under 2 loads, 2 replicates each, 2,468 stimuli of a kernel under a load\n"
          "about 1.34 s of virtual time a cell, 10.7 s in all, without boots\n"
          "kernel generic: linux-image-a 1\n"
          "kernel preempt-rt: linux-image-b 2\n"
          "\n{}\n{}",
          cells, seeds));
}

TEST(PlanText, HasTheCommandsOfOneReplicateWhereTheyAreAskedFor) {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  EXPECT_TRUE(plan_text(plan_of(request), details()).ends_with(std::string(seeds) + commands));
}

TEST(PlanText, OfOneReplicateItIsThatOne) {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  request.repetition = 2;
  const std::string text = plan_text(plan_of(request), details());
  EXPECT_THAT(text, ::testing::HasSubstr("4 cells: 2 kernels under 2 loads, 1 replicate each\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("generic     idle   generic.idle.2\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("\ncell generic.idle.2\n  does generic.idle.2\n"));
}

TEST(PlanText, HasItsRemarksBelowTheKernels) {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  PlanDetails remarked = details();
  remarked.remarks = {"both are the same"};
  EXPECT_THAT(plan_text(plan_of(request), remarked),
              ::testing::HasSubstr("kernel preempt-rt: linux-image-b 2\nboth are the same\n\nkernel "));
}

TEST(PlanText, OnABoardStandsByBootAndRepetitionsAreInterleaved) {
  const TempFolder folder;
  PlanRequest request;
  request.suite = "irq-to-gpio";
  request.board = "qemu-arm64-disk";
  request.lab = folder.write("lab.toml",
                             "[qemu-arm64-disk]\nssh = \"board\"\nconsole = \"tcp:127.0.0.1:4001\"\n"
                             "power_cycle = [\"power\", \"--secret\", \"x\"]\n");
  EXPECT_THAT(
      plan_text(plan_of(request), details()),
      ::testing::StartsWith(
          "suite irq-to-gpio · board qemu-arm64-disk · wall-clock time, on an emulator: no hardware's "
          "figures "
          "· seed 1 · 1,234 stimuli in each cell\n"
          "8 cells: 2 kernels under 2 loads, 2 replicates each, 2,468 stimuli of a kernel under a load\n"
          "about 1.34 s of stimuli a cell, 10.7 s in all, without boots\n"
          "bench: ssh board · console tcp:127.0.0.1:4001 · power by command · boots by extlinux, back within "
          "400 s\n"
          "jumpers on 9030000.pl061: line 6 to 0 (stimulus), line 1 to 2 (response)\n"
          "kernel generic: linux-image-a 1\n"
          "kernel preempt-rt: linux-image-b 2\n"
          "the known-good kernel is measured idle before and after all: is the bench sound?\n"
          "each replicate boots generic, preempt-rt, in this order, and measures every load in that boot\n"));
  request.suite = "inspection";
  EXPECT_THAT(plan_text(plan_of(request), details()),
              ::testing::HasSubstr("line 1 to 2 (response), line 4 to 5 (verdict)\n"));
}

}  // namespace
}  // namespace loopgate::plan_text_test
