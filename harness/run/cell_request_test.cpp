#include "run/cell_request.h"

#include <gmock/gmock.h>

#include "run/job.h"
#include "run/testing/fake_machine.h"

namespace loopgate {
namespace {

TEST(RequestFor, SaysWhatTheCellNeeds) {
  Plan plan = made_up_plan();
  plan.kernels[1].arguments = "threadirqs";
  plan.loads[0].storm.per_second = 25'000;
  KernelFiles image;
  image.image = "/c/vmlinuz";
  const CellRequest request = request_for(plan, plan.cells[1], image, {}, "/out/cell");
  EXPECT_EQ(request.cell, "preempt-rt.storm");
  EXPECT_EQ(request.folder, "/out/cell");
  EXPECT_EQ(request.kernel->image, "/c/vmlinuz");
  EXPECT_EQ(request.kernel_arguments, "threadirqs");
  EXPECT_EQ(request.storm_per_second, 25'000);
  EXPECT_EQ(request.pulses.counted, 7U);
  EXPECT_EQ(request.job, job_of(plan, plan.cells[1]));
}

}  // namespace
}  // namespace loopgate
