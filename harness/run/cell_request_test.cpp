#include "run/cell_request.h"

#include <gmock/gmock.h>

#include "run/job.h"
#include "run/testing/fake_machine.h"

namespace loopgate::cell_request_test {
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
  EXPECT_EQ(pulses_of(request.work).counted, 7U);
  EXPECT_EQ(request.job, job_of(plan, plan.cells[1]));
}

TEST(RequestFor, SaysWhatTheKindOfWorkLeaves) {
  Plan plan = made_up_plan();
  auto& responses = std::get<ResponseWork>(plan.suite.work);
  responses.payload.stamps = {"--stamps"};
  responses.loopback = true;
  const auto work = [&] { return request_for(plan, plan.cells[0], {}, {}, "/out/cell").work; };
  EXPECT_TRUE(std::get<ResponseRequest>(work()).bench_monitors);
  EXPECT_FALSE(std::get<ResponseRequest>(work()).stamps) << "a virtual board's are in its memory";
  DecisionWork decisions{responses.schedule, responses.payload};
  decisions.frames = 3;
  plan.suite.work = decisions;
  EXPECT_EQ(std::get<DecisionRequest>(work()).pulses.frames, 3U);

  plan = made_up_plan_of_a_board();
  EXPECT_FALSE(std::get<ResponseRequest>(work()).stamps);
  std::get<ResponseWork>(plan.suite.work).payload.stamps = {"--stamps"};
  EXPECT_TRUE(std::get<ResponseRequest>(work()).stamps);
}

}  // namespace
}  // namespace loopgate::cell_request_test
