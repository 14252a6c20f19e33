#include "run/run_directory.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "base/testing/temp_folder.h"
#include "board/ssh_machine.h"
#include "qemu/qemu_machine.h"
#include "run/testing/fake_machine.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

json description(int jobs = 2, const std::string& image_sha256 = "image") {
  KernelFiles image;
  image.image = "/c/vmlinuz";
  image.provenance.version = "6.12.117-1";
  image.image_sha256 = image_sha256;
  TargetImage target;
  target.base_sha256 = "base";
  target.packages = {{"stress-ng", "0.19.02-1", "digest"}};
  const Plan plan = made_up_plan(2);
  return describe_run(
      plan, {image, image}, target,
      QemuMachine(plan.board, QemuIdentity{"10.0.2", "qemu", "instrument"}, {}, StateStore("/nowhere"))
          .describe(),
      jobs, "0.1.0");
}

class ARunDirectory : public ::testing::Test {
 protected:
  fs::path out() const { return folder_.path() / "runs" / "today"; }
  RunDirectory open_new() const { return RunDirectory::open(out(), description(), false).value(); }
  Error refusal(const json& run, bool resume) const {
    const auto opened = RunDirectory::open(out(), run, resume);
    return opened ? Error{ErrorKind::kernel, "accepted", ""} : opened.error();
  }
  void write_outcome(const std::string& text) const {
    folder_.write("runs/today/cells/generic.storm/outcome.json", text);
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan(2);
};

TEST(DescribeRun, SaysWhatTheFormatAsksFor) {
  const json run = description();
  for (const char* key : {"format", "loopgate", "started", "time_base", "suite", "board", "seed", "samples",
                          "warm_up", "repeat", "jobs", "deadline_ns", "interval_ns", "machine", "kernels",
                          "loads", "target", "host", "cells"})
    EXPECT_TRUE(run.contains(key)) << key;
  EXPECT_EQ(run["format"], 1);
  EXPECT_EQ(run["time_base"], "virtual");
  EXPECT_THAT(run["started"].get<std::string>(), ::testing::MatchesRegex("....-..-..T..:..:..Z"));
  EXPECT_EQ(run["interval_ns"], json({1'000'000, 1'400'000}));
  EXPECT_EQ(run["machine"]["qemu"], "10.0.2");
  EXPECT_EQ(run["kernels"][1]["name"], "preempt-rt");
  EXPECT_EQ(run["kernels"][1]["sha256"], "sha256 of preempt-rt");
  EXPECT_THAT(run["kernels"][0]["command_line"].get<std::string>(), HasSubstr("console=ttyAMA0"));
  EXPECT_EQ(run["target"]["packages"][0]["package"], "stress-ng");
  ASSERT_EQ(run["cells"].size(), 4U);
  EXPECT_EQ(
      run["cells"][3],
      json::parse(
          R"({"cell":"preempt-rt.storm.2","kernel":"preempt-rt","load":"storm","repetition":2,"seed":2})"));
}

TEST(DescribeRun, OfABoardSaysHowItIsReachedAndWiredAndKeepsSecrets) {
  const Plan plan = made_up_plan_of_a_board(2);
  const json run =
      describe_run(plan, {{}, {}}, {}, SshMachine(plan.board, plan.lab, {}).describe(), 1, "0.1.0");
  EXPECT_EQ(run["time_base"], "wall");
  EXPECT_EQ(run["board"]["emulator"], true);
  EXPECT_EQ(run["machine"], json::parse(R"({"reached_by":"ssh","address":"192.0.2.7","boot_method":"extlinux",
      "root":"/dev/vda2","gpio_chip":"chip","cpus":2,"measured_cpus":[1],"housekeeping_cpus":[0],
      "lines":{"stimulus":0,"response":1,"stimulus_out":2,"response_in":4}})"));
  EXPECT_EQ(run["kernels"][0]["arguments"], "threadirqs");
  EXPECT_FALSE(run["kernels"][0].contains("command_line"));
  EXPECT_EQ(run["cells"][0]["boot"], "generic.1");
  EXPECT_THAT(run.dump(), ::testing::Not(HasSubstr("secret")));
  EXPECT_FALSE(description()["cells"][0].contains("boot"))
      << "on virtual time the state after boot is restored";
  EXPECT_FALSE(description()["board"].contains("emulator"));
}

TEST(DescribeRun, OfALabgridPlaceNamesItAndWhoHandedItOut) {
  const Plan plan = made_up_plan_of_a_board(2);
  LabBoard lab = plan.lab;
  lab.ssh = "ssh://root@192.0.2.8:2222";
  lab.labgrid.emplace().place = "nano-2";
  lab.labgrid->coordinator = "192.0.2.1:20408";
  const json machine = SshMachine(plan.board, lab, {}).describe();
  EXPECT_EQ(machine["reached_by"], "labgrid");
  EXPECT_EQ(machine["address"], "192.0.2.8:2222");
  EXPECT_EQ(machine["labgrid"], json::parse(R"({"place":"nano-2","coordinator":"192.0.2.1:20408"})"));
}

TEST_F(ARunDirectory, IsMadeWithItsDescription) {
  const RunDirectory directory = open_new();
  EXPECT_EQ(directory.path(), out());
  EXPECT_EQ(directory.folder_of(plan_.cells[2]), out() / "cells" / "generic.storm.2");
  EXPECT_TRUE(fs::is_directory(out() / "cells"));
  EXPECT_EQ(json::parse(text_of_file(out() / "run.json"))["seed"], 1);
}

TEST_F(ARunDirectory, MayBeAnEmptyFolder) {
  fs::create_directories(out());
  EXPECT_TRUE(RunDirectory::open(out(), description(), false));
}

TEST_F(ARunDirectory, MayBeWhatARunLeftThatWasKilledAtItsBeginning) {
  for (const bool resume : {false, true}) {
    fs::remove_all(out());
    fs::create_directories(out() / "cells");
    EXPECT_EQ(refusal(description(), resume).what, "accepted");
    EXPECT_TRUE(fs::exists(out() / "run.json"));
  }
  fs::remove(out() / "run.json");
  fs::create_directories(out() / "cells" / "generic.storm");
  EXPECT_EQ(refusal(description(), false).what, out().string() + " exists") << "a cell is a run's";
  fs::remove_all(out() / "cells");
  folder_.write("runs/today/cells", "a file");
  EXPECT_EQ(refusal(description(), false).what, out().string() + " exists");
}

TEST_F(ARunDirectory, ThatExistsIsRefusedAndNotTouched) {
  open_new();
  const std::string before = text_of_file(out() / "run.json");
  const Error error = refusal(description(), false);
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_EQ(error.what, out().string() + " exists");
  EXPECT_THAT(error.next_step, AllOf(HasSubstr("--out"), HasSubstr("--resume")));
  EXPECT_EQ(text_of_file(out() / "run.json"), before);
  folder_.write("file", "x");
  EXPECT_FALSE(RunDirectory::open(folder_.path() / "file", description(), false)) << "a file is no folder";
  EXPECT_FALSE(RunDirectory::open(folder_.path() / "file", description(), true));
}

TEST_F(ARunDirectory, IsResumedWithTheSamePlanWhateverTheJobs) {
  open_new();
  json later = description(7);
  later["started"] = "2030-01-01T00:00:00Z";
  EXPECT_EQ(refusal(later, true).what, "accepted");
  EXPECT_EQ(json::parse(text_of_file(out() / "run.json"))["jobs"], 2) << "the first run's description stands";
}

TEST_F(ARunDirectory, IsNotResumedWithAnotherPlan) {
  open_new();
  json other = description();
  other["samples"] = 8;
  const Error error = refusal(other, true);
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_EQ(error.what, out().string() + " holds another run: its samples differs");
  EXPECT_NE(error.next_step, "");
  EXPECT_THAT(refusal(description(2, "another image"), true).what, HasSubstr("its kernels differs"));
}

TEST_F(ARunDirectory, ResumedAnewIsMade) {
  EXPECT_EQ(refusal(description(), true).what, "accepted");
  EXPECT_TRUE(fs::exists(out() / "run.json"));
}

TEST_F(ARunDirectory, IsOneRunsAtATime) {
  {
    const RunDirectory first = open_new();
    const Error error = refusal(description(), true);
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_EQ(error.what, out().string() + " is in use by another loopgate");
  }
  EXPECT_EQ(refusal(description(), true).what, "accepted");
}

TEST_F(ARunDirectory, WithoutARunIsNotResumed) {
  folder_.write("runs/today/notes.txt", "mine");
  const Error error = refusal(description(), true);
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_EQ(error.what, out().string() + " holds no run to resume (no run.json)");
}

TEST_F(ARunDirectory, WhoseDescriptionIsDamagedIsNotResumed) {
  open_new();
  const std::string whole = text_of_file(out() / "run.json");
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("3")}) {
    folder_.write("runs/today/run.json", text);
    const Error error = refusal(description(), true);
    EXPECT_EQ(error.kind, ErrorKind::data);
    EXPECT_EQ(error.what, (out() / "run.json").string() + " is damaged");
  }
}

TEST_F(ARunDirectory, KnowsWhichCellsAreFinished) {
  const RunDirectory directory = open_new();
  const Cell& cell = plan_.cells[0];
  EXPECT_FALSE(directory.is_finished(cell));
  folder_.write("runs/today/cells/generic.storm/samples.lgs", "samples");
  EXPECT_FALSE(directory.is_finished(cell)) << "without an outcome";
  write_outcome(R"({"outcome":"measured","samples_sha256":")" + sha256_of("samples") + "\"}");
  EXPECT_TRUE(directory.is_finished(cell));
  EXPECT_FALSE(directory.is_finished(plan_.cells[1])) << "another cell";
  folder_.write("runs/today/cells/generic.storm/samples.lgs", "Samples");
  EXPECT_FALSE(directory.is_finished(cell)) << "altered samples";
  fs::remove(directory.folder_of(cell) / "samples.lgs");
  EXPECT_FALSE(directory.is_finished(cell)) << "no samples";
}

TEST_F(ARunDirectory, RunsTheBenchsFaultsAgainAndNotTheKernels) {
  const RunDirectory directory = open_new();
  write_outcome(R"({"outcome":"kernel_failed","samples_sha256":null})");
  EXPECT_TRUE(directory.is_finished(plan_.cells[0]));
  write_outcome(R"({"outcome":"invalid","samples_sha256":null})");
  EXPECT_FALSE(directory.is_finished(plan_.cells[0]));
}

TEST_F(ARunDirectory, TakesADamagedOutcomeForNone) {
  const RunDirectory directory = open_new();
  for (const char* text : {"", "{\"outcome\":\"meas", "[]", "{}", R"({"outcome":3})",
                           R"({"outcome":"measured","samples_sha256":3})"}) {
    write_outcome(text);
    EXPECT_FALSE(directory.is_finished(plan_.cells[0])) << text;
  }
}

TEST_F(ARunDirectory, TakesAnOutcomeWithoutADigestForNone) {
  const RunDirectory directory = open_new();
  write_outcome(R"({"outcome":"measured"})");
  EXPECT_FALSE(directory.is_finished(plan_.cells[0]));
}

}  // namespace
}  // namespace loopgate
