#include "run/resume_line.h"

#include <gmock/gmock.h>

#include <sstream>

#include "qemu/qemu_machine.h"
#include "run/describe_run.h"
#include "run/next_step.h"

namespace loopgate::resume_line_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Catalog& catalog() {
  static const Catalog all{LOOPGATE_SOURCE_DIR};
  return all;
}

RunRecord planned(const PlanRequest& request) {
  const Plan plan = make_plan(request, catalog()).value();
  const QemuMachine machine(plan.board, QemuIdentity{"10.0.2", "qemu", "instrument"}, {},
                            StateStore("/nowhere"));
  return describe_run(plan, request, std::vector<KernelFiles>(plan.kernels.size()), {}, machine.describe(), 2,
                      {"0.1.0", "abc"});
}

// What `loopgate run` would make of the line's options.
PlanRequest read_back(const std::string& line) {
  std::istringstream words(line);
  std::string word;
  PlanRequest request;
  words >> word >> word >> request.suite;
  while (words >> word) {
    if (word == "--resume") continue;
    std::string value;
    words >> value;
    if (word == "--board") request.board = value;
    if (word == "--kernel") request.kernels.push_back(value);
    if (word == "--load") request.loads.push_back(value);
    if (word == "--program") request.programs.push_back(value);
    if (word == "--probe") request.probe = value;
    if (word == "--samples") request.samples = std::stoi(value);
    if (word == "--repeat") request.repeat = std::stoi(value);
    if (word == "--repetition") request.repetition = std::stoi(value);
    if (word == "--seed") request.seed = std::stoull(value);
    if (word == "--shard") request.shard = value;
    if (word == "--inputs") request.inputs = value;
  }
  return request;
}

std::string line_of(const PlanRequest& request) {
  return resume_line("loopgate", planned(request), "runs/a");
}

PlanRequest of_suite(const std::string& suite) {
  PlanRequest request;
  request.suite = suite;
  return request;
}

TEST(ResumeLine, SaysWhatWasMeasured) {
  PlanRequest request = of_suite("irq-to-gpio");
  request.kernels = {"generic"};
  request.loads = {"mixed"};
  request.samples = 800;
  EXPECT_EQ(line_of(request),
            "loopgate run irq-to-gpio --board qemu-virt-arm64 --kernel generic --load mixed --samples 800 "
            "--repeat 1 --seed 1 --jobs 2 --resume --out runs/a");
}

// Else --resume would refuse it.
TEST(ResumeLine, PlansTheVeryRun) {
  std::vector<PlanRequest> requests = {of_suite("irq-to-gpio"), of_suite("rt-tests"),
                                       of_suite("responder-go"), of_suite("cyclictest-beside-pin"),
                                       of_suite("inspection")};
  requests[0].seed = 18446744073709551615ULL;
  requests.push_back(of_suite("rt-tests"));
  requests.back().programs = {"cyclictest"};
  requests.push_back(of_suite("irq-to-gpio"));
  requests.back().repetition = 3;
  requests.push_back(of_suite("irq-to-gpio"));
  requests.back().probe = "ebpf";
  requests.back().shard = "2/3";
  for (const PlanRequest& request : requests) {
    const std::string line = line_of(request);
    EXPECT_EQ(first_difference_text(planned(request), planned(read_back(line))), "") << line;
  }
}

TEST(ResumeLine, NamesFilesOfTheUsersOwn) {
  RunRecord run = planned(of_suite("irq-to-gpio"));
  run.circumstances.files = {{"kernels", {{"generic", "/home/me/my kernel.toml"}}}};
  EXPECT_THAT(resume_line("loopgate", run, "runs/a"),
              HasSubstr("--kernel '/home/me/my kernel.toml' --kernel preempt-rt"));
}

TEST(ResumeLine, HasAsManyJobs) {
  RunRecord run = planned(of_suite("irq-to-gpio"));
  run.circumstances.jobs = 4;
  EXPECT_THAT(resume_line("loopgate", run, "runs/a"), HasSubstr(" --jobs 4 --resume "));
}

Comparison with_unmeasured(const std::vector<UnmeasuredCell>& cells) {
  Comparison comparison;
  comparison.groups.push_back({"generic", "mixed", {}, cells, {}, {}, {}});
  return comparison;
}

TEST(NextStep, GoesOnWithWhatIsMissing) {
  const RunRecord run = planned(of_suite("irq-to-gpio"));
  EXPECT_EQ(next_step_of("loopgate", run, "runs/a", with_unmeasured({})), "");
  EXPECT_EQ(next_step_of("loopgate", run, "runs/a", with_unmeasured({{"x", "kernel_failed", "it hung"}})),
            "");
  const std::string missing =
      next_step_of("loopgate", run, "runs/a", with_unmeasured({{"generic.mixed", "missing", ""}}));
  EXPECT_THAT(missing, HasSubstr("1 cell must be measured again -> loopgate run irq-to-gpio "));
  EXPECT_THAT(missing, Not(HasSubstr("new --out")));
  const std::vector<UnmeasuredCell> invalid = {{"generic.mixed", "invalid", "a"},
                                               {"generic.mixed.2", "invalid", ""}};
  const std::string again = next_step_of("loopgate", run, "runs/a", with_unmeasured(invalid));
  EXPECT_THAT(again, HasSubstr("2 cells must be measured again -> loopgate run"));
  EXPECT_THAT(again, HasSubstr("mend it and measure with a new --out"));
}

TEST(NextStep, OfAMergedRunNamesTheShardAndItsCommand) {
  RunRecord run = planned(of_suite("irq-to-gpio"));
  run.circumstances.shards = {{1, "", "", 1, "", 2, {"generic.mixed"}},
                              {2, "", "", 1, "", 2, {"generic.mixed.2"}}};
  const std::string text =
      next_step_of("loopgate", run, "runs/a", with_unmeasured({{"generic.mixed.2", "invalid", ""}}));
  EXPECT_THAT(text, HasSubstr("measured by shard 2 of 2"));
  EXPECT_THAT(text, HasSubstr("--shard 2/2 --jobs 1 --resume --out PART"));
  EXPECT_THAT(text, HasSubstr("loopgate merge"));
}

TEST(ResumeLine, HasTheSameInputs) {
  PlanRequest request = of_suite("irq-to-gpio");
  request.inputs = "/runs/last";
  EXPECT_THAT(line_of(request), HasSubstr(" --inputs /runs/last --jobs 2 --resume "));
}

TEST(ResumeLine, OfAMergedRunThereIsNone) {
  RunRecord run = planned(of_suite("irq-to-gpio"));
  run.circumstances.shards = {{1, "", "", 1, "", 2, {}}};
  EXPECT_EQ(resume_line("loopgate", run, "runs/a"), "");
}

}  // namespace
}  // namespace loopgate::resume_line_test
