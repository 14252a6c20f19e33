#include "run/plan_text.h"

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

TEST(PlanText, OnVirtualTimeStandsByLoad) {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  EXPECT_EQ(plan_text(plan_of(request), details()),
            "suite irq-to-gpio · board qemu-virt-arm64 · virtual time · seed 1 · 1,234 stimuli in each cell\n"
            "kernel generic: linux-image-a 1\n"
            "kernel preempt-rt: linux-image-b 2\n"
            "\ncell generic.idle · schedule seed 9716232063330790915\n  does generic.idle\n"
            "\ncell preempt-rt.idle · schedule seed 9716232063330790915\n  does preempt-rt.idle\n"
            "\ncell generic.idle.2 · schedule seed 13608149317741381227\n  does generic.idle.2\n"
            "\ncell preempt-rt.idle.2 · schedule seed 13608149317741381227\n  does preempt-rt.idle.2\n"
            "\ncell generic.mixed · schedule seed 9716232063330790915\n  does generic.mixed\n"
            "\ncell preempt-rt.mixed · schedule seed 9716232063330790915\n  does preempt-rt.mixed\n"
            "\ncell generic.mixed.2 · schedule seed 13608149317741381227\n  does generic.mixed.2\n"
            "\ncell preempt-rt.mixed.2 · schedule seed 13608149317741381227\n  does preempt-rt.mixed.2\n");
}

TEST(PlanText, HasItsRemarksBelowTheKernels) {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  PlanDetails remarked = details();
  remarked.remarks = {"both are the same"};
  EXPECT_THAT(
      plan_text(plan_of(request), remarked),
      ::testing::HasSubstr("kernel preempt-rt: linux-image-b 2\nboth are the same\n\ncell generic.idle"));
}

TEST(PlanText, OnABoardStandsByBootAndRepetitionsAreInterleaved) {
  const TempFolder folder;
  PlanRequest request;
  request.suite = "irq-to-gpio";
  request.board = "qemu-arm64-disk";
  request.lab = folder.write("lab.toml",
                             "[qemu-arm64-disk]\nssh = \"board\"\nconsole = \"tcp:127.0.0.1:4001\"\n"
                             "power_cycle = [\"power\", \"--secret\", \"x\"]\n");
  EXPECT_EQ(
      plan_text(plan_of(request), details()),
      "suite irq-to-gpio · board qemu-arm64-disk · wall-clock time, on an emulator: no hardware's figures · "
      "seed 1 · 1,234 stimuli in each cell\n"
      "bench: ssh board · console tcp:127.0.0.1:4001 · power by command · boots by extlinux, back within 400 "
      "s\n"
      "jumpers on 9030000.pl061: line 6 to 0 (stimulus), line 1 to 2 (response)\n"
      "kernel generic: linux-image-a 1\n"
      "kernel preempt-rt: linux-image-b 2\n"
      "\nthe known-good kernel, idle: is the bench sound?\n"
      "\nboot of generic, repetition 1\n"
      "  cell generic.idle · schedule seed 9716232063330790915\n    does generic.idle\n"
      "  cell generic.mixed · schedule seed 9716232063330790915\n    does generic.mixed\n"
      "\nboot of preempt-rt, repetition 1\n"
      "  cell preempt-rt.idle · schedule seed 9716232063330790915\n    does preempt-rt.idle\n"
      "  cell preempt-rt.mixed · schedule seed 9716232063330790915\n    does preempt-rt.mixed\n"
      "\nboot of generic, repetition 2\n"
      "  cell generic.idle.2 · schedule seed 13608149317741381227\n    does generic.idle.2\n"
      "  cell generic.mixed.2 · schedule seed 13608149317741381227\n    does generic.mixed.2\n"
      "\nboot of preempt-rt, repetition 2\n"
      "  cell preempt-rt.idle.2 · schedule seed 13608149317741381227\n    does preempt-rt.idle.2\n"
      "  cell preempt-rt.mixed.2 · schedule seed 13608149317741381227\n    does preempt-rt.mixed.2\n"
      "\nthe known-good kernel, idle: is the bench still sound?\n");
}

}  // namespace
}  // namespace loopgate::plan_text_test
