#include "run/describe_run.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/testing/temp_folder.h"
#include "board/ssh_machine.h"
#include "qemu/qemu_machine.h"
#include "run/contenders.h"
#include "run/testing/fake_machine.h"

namespace loopgate::describe_run_test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

RunRecord description(const PlanRequest& request = {}) {
  KernelFiles image;
  image.image = "/c/vmlinuz";
  image.provenance.version = "6.12.117-1";
  image.image_sha256 = "image";
  TargetImage target;
  target.base_sha256 = "base";
  target.packages = {{"stress-ng", "0.19.02-1"}};
  const Plan plan = made_up_plan(2);
  return describe_run(
      plan, request, {image, image}, target,
      QemuMachine(plan.board, QemuIdentity{"10.0.2", "qemu", "instrument"}, {}, StateStore("/nowhere"))
          .describe(),
      2, {"0.1.0", "abc"});
}

TEST(DescribeRun, TakesThePlanOver) {
  const RunRecord run = description();
  EXPECT_EQ(run.loopgate, "0.1.0");
  EXPECT_EQ(run.time_base, TimeBase::virtual_time);
  EXPECT_THAT(run.interval_ns, ElementsAre(1'000'000, 1'400'000));
  EXPECT_EQ(std::get<QemuMachineRecord>(run.machine).version, "10.0.2");
  EXPECT_EQ(run.kernels.at(1).name, "preempt-rt");
  EXPECT_EQ(run.kernels[1].sha256, "sha256 of preempt-rt");
  EXPECT_THAT(run.kernels[0].command_line, HasSubstr("console=ttyAMA0"));
  EXPECT_EQ(run.target->packages.at(0).package, "stress-ng");
  ASSERT_EQ(run.cells.size(), 4U);
  const DescribedCell& last = run.cells[3];
  EXPECT_EQ(last.name, "preempt-rt.storm.2");
  EXPECT_EQ(last.kernel, "preempt-rt");
  EXPECT_EQ(last.load, "storm");
  EXPECT_EQ(last.repetition, 2);
  EXPECT_EQ(last.seed, 2U);
  EXPECT_EQ(last.boot, "") << "on virtual time the state after boot is restored";
}

TEST(DescribeRun, KeepsThisHostsPathsApart) {
  PlanRequest request;
  request.kernels = {"/home/me/mine.toml", "preempt-rt"};
  const Circumstances now = description(request).circumstances;
  EXPECT_THAT(now.started, ::testing::MatchesRegex("....-..-..T..:..:..Z"));
  EXPECT_EQ(now.commit, "abc");
  EXPECT_EQ(now.jobs, 2);
  EXPECT_EQ(now.images.at("preempt-rt"), "/c/vmlinuz");
  EXPECT_EQ(now.files.at("kernels"), (std::map<std::string, std::string>{{"generic", "/home/me/mine.toml"}}));
}

// A kernel of the user's own stands under its own name there, once, and each pair under the pair's.
TEST(DescribeRun, TellsContendersApart) {
  Plan plan = made_up_plan(1);
  Payload& payload = std::get<ResponseWork>(plan.suite.work).payload;
  payload.contenders = {{"cpp", {}, {}}, {"go", {"/bin/responder_go"}, {"--gogc", "off"}}};
  plan.kernels = {with_contender(plan.kernels[0], "cpp"), with_contender(plan.kernels[0], "go")};
  PlanRequest request;
  request.kernels = {"/home/me/mine.toml"};
  const RunRecord run = describe_run(plan, request, {KernelFiles(), KernelFiles()}, TargetImage(),
                                     QemuMachineRecord(), 1, {"0.1.0", "abc"});
  ASSERT_EQ(run.kernels.size(), 2U);
  EXPECT_EQ(run.kernels[0].name, "generic+cpp");
  EXPECT_EQ(run.kernels[1].name, "generic+go");
  EXPECT_EQ(run.kernels[1].contender.name, "go");
  EXPECT_THAT(run.kernels[1].contender.command, ElementsAre("/bin/responder_go", "--gogc", "off"));
  EXPECT_EQ(run.circumstances.files.at("kernels"),
            (std::map<std::string, std::string>{{"generic", "/home/me/mine.toml"}}));
}

// `explain` looked for a suite of that name among the project's own.
TEST(DescribeRun, KeepsWhereASuiteIsThatWasNamedByItsPath) {
  const TempFolder folder;
  const std::string file = folder.write("mine/suite.toml", "").string();
  PlanRequest request;
  for (const char* given : {"mine", "mine/", "mine/suite.toml", "./other/../mine"}) {
    fs::create_directories(folder.path() / "other");
    request.suite = folder.path(given);
    const Circumstances now = description(request).circumstances;
    EXPECT_EQ(now.files.at("suites"), (std::map<std::string, std::string>{{"irq-to-gpio", file}})) << given;
  }
  request.suite = "irq-to-gpio";
  EXPECT_EQ(description(request).circumstances.files.count("suites"), 0U);
}

// Each is looked for again by `explain`, from whatever working directory and once the link is gone.
TEST(DescribeRun, KeepsWhereFilesAreThatWereNamedThroughALinkOrFromAWorkingDirectory) {
  const TempFolder folder;
  const std::string file = folder.write("far/away/mine.toml", "").string();
  fs::create_directory_symlink(folder.path() / "far/away", folder.path() / "link");
  fs::create_symlink(folder.path() / "far/away/mine.toml", folder.path() / "own.toml");
  PlanRequest request;
  const auto kept = [&](const fs::path& given) {
    request.kernels = {given.string()};
    return description(request).circumstances.files.at("kernels").at("generic");
  };
  EXPECT_EQ(kept(folder.path() / "link/mine.toml"), file);
  EXPECT_EQ(kept(folder.path() / "link/../away/mine.toml"), file) << "and not away/mine.toml";
  EXPECT_EQ(kept(folder.path() / "own.toml"), folder.path() / "own.toml");
  EXPECT_EQ(kept(fs::relative(folder.path()) / "link/mine.toml"), file);
}

TEST(DescribeRun, OfABoardSaysHowItIsReachedAndWiredAndKeepsSecrets) {
  const Plan plan = made_up_plan_of_a_board(2);
  const RunRecord run =
      describe_run(plan, {}, {{}, {}}, {}, SshMachine(plan.board, plan.lab, {}).describe(), 1, {"0.1.0", ""});
  EXPECT_EQ(run.time_base, TimeBase::wall_clock);
  EXPECT_TRUE(run.board.emulator);
  const auto& machine = std::get<BoardMachineRecord>(run.machine);
  EXPECT_EQ(machine.reached_by, "ssh");
  EXPECT_EQ(machine.address, "192.0.2.7");
  EXPECT_EQ(machine.boot_method, "extlinux");
  EXPECT_EQ(machine.root, "/dev/vda2");
  EXPECT_EQ(machine.gpio_chip, "chip");
  EXPECT_EQ(machine.lines, (std::map<std::string, std::int64_t>{
                               {"stimulus", 0}, {"response", 1}, {"stimulus_out", 2}, {"response_in", 4}}));
  EXPECT_EQ(machine.cpus, 2);
  EXPECT_THAT(machine.measured_cpus, ElementsAre(1));
  EXPECT_THAT(machine.housekeeping_cpus, ElementsAre(0));
  EXPECT_FALSE(machine.labgrid);
  EXPECT_EQ(run.kernels[0].arguments, "threadirqs");
  EXPECT_EQ(run.kernels[0].command_line, "");
  EXPECT_EQ(run.cells[0].boot, "generic.1");
  EXPECT_THAT(to_json(run), Not(HasSubstr("secret")));
  EXPECT_FALSE(description().board.emulator);
}

TEST(DescribeRun, OfALabgridPlaceNamesItAndWhoHandedItOut) {
  const Plan plan = made_up_plan_of_a_board(2);
  LabBoard lab = plan.lab;
  lab.ssh = "ssh://root@192.0.2.8:2222";
  lab.labgrid.emplace().place = "nano-2";
  lab.labgrid->coordinator = "192.0.2.1:20408";
  const auto machine = std::get<BoardMachineRecord>(SshMachine(plan.board, lab, {}).describe());
  EXPECT_EQ(machine.reached_by, "labgrid");
  EXPECT_EQ(machine.address, "192.0.2.8:2222");
  ASSERT_TRUE(machine.labgrid);
  EXPECT_EQ(machine.labgrid->place, "nano-2");
  EXPECT_EQ(machine.labgrid->coordinator, "192.0.2.1:20408");
}

TEST(UnjudgedOutcome, NamesItsCellAndIsInvalid) {
  const Plan plan = made_up_plan(2);
  const Outcome outcome = unjudged_outcome(plan, plan.cells[3]);
  EXPECT_EQ(outcome.cell, "preempt-rt.storm.2");
  EXPECT_EQ(outcome.suite, "irq-to-gpio");
  EXPECT_EQ(outcome.board, "qemu-virt-arm64");
  EXPECT_EQ(outcome.kernel, "preempt-rt");
  EXPECT_EQ(outcome.load, "storm");
  EXPECT_EQ(outcome.repetition, 2);
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
}

}  // namespace
}  // namespace loopgate::describe_run_test
