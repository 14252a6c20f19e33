#include "run/guest_facts.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "run/testing/fake_machine.h"

namespace loopgate::guest_facts_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A guest that answers as the recorded machine did.
class GuestFactsTest : public ::testing::Test {
 protected:
  GuestFactsTest() {
    session_.plan = made_up_plan();
    session_.plan.suite.work = ProgramsWork{};
    session_.plan.loads[0].parts.clear();
    session_.kernels.resize(session_.plan.kernels.size());
    report_.payload.reset();
    report_.parts.clear();
    ProgramReport& script = report_.programs.emplace_back();
    script.name = "audit";
    script.exit = "exited 0";
    script.output = text_of("rt-tuned.facts");
    std::filesystem::create_directories(request_().folder);
    console("[    0.0] Booting Linux\n");
  }

  static std::string text_of(const std::string& recording) {
    return *read_file(std::filesystem::path(LOOPGATE_SOURCE_DIR) / "fixtures/recordings/audit" / recording);
  }
  void console(const std::string& text) const { std::ofstream(request_().folder / "console.log") << text; }
  CellRequest request_() const { return guest_request(session_, "echo facts", folder_.path() / "cell"); }
  Result<Facts> facts() const {
    MachineRun run;
    run.report = to_json(report_);
    return facts_of_run(session_, request_(), run);
  }
  std::string why() const {
    const auto read = facts();
    return read ? "" : read.error().what;
  }

  TempFolder folder_;
  Session session_;
  Report report_ = good_report();
};

TEST_F(GuestFactsTest, TheScriptRunsInPlaceOfAPayload) {
  const CellRequest request = request_();
  EXPECT_FALSE(request.job.has_payload());
  ASSERT_EQ(request.job.programs.size(), 1U);
  EXPECT_THAT(request.job.programs[0].argv, ElementsAre("/bin/sh", "-c", "echo facts"));
  EXPECT_GT(std::get<ProgramsRequest>(request.work).timeout_ns,
            std::chrono::nanoseconds(request.job.programs[0].timeout).count());
}

TEST_F(GuestFactsTest, AreWhatTheGuestPrinted) {
  const auto read = facts();
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_FALSE(read->first.find("/sys/devices/system/cpu/online")->second.facts.empty());
}

TEST_F(GuestFactsTest, SayWhichThreadsAreTheAgents) {
  std::string& text = report_.programs[0].output;
  const std::string kernel_thread = "104 (kworker/R-kstrp)";
  text.replace(text.find(kernel_thread), kernel_thread.size(), "104 (irq/17-control)");
  EXPECT_THAT(facts()->bench_threads, ElementsAre("/proc/1/task/1/stat", "/proc/104/task/104/stat"));
}

TEST_F(GuestFactsTest, AScriptThatDidNotComeToItsEndIsNoAudit) {
  ProgramReport& script = report_.programs[0];
  const ProgramReport good = script;
  script.exit = "exited 127";
  script.errors = "sh: od: not found\n";
  EXPECT_THAT(why(), HasSubstr("exited 127: sh: od: not found"));
  script = good;
  script.cut_off = true;
  EXPECT_THAT(why(), HasSubstr("more than the agent keeps"));
  script = good;
  script.timed_out = true;
  EXPECT_THAT(why(), HasSubstr("did not end within 60 s"));
  script = good;
  script.missing = "the program /bin/sh is not on the target";
  EXPECT_THAT(why(), HasSubstr("/bin/sh is not on the target"));
  script = good;
  script.output.resize(script.output.size() / 2);
  EXPECT_THAT(why(), HasSubstr("generic.storm's facts"));
  report_.programs.clear();
  EXPECT_THAT(why(), HasSubstr("says nothing of the audit's script"));
}

TEST_F(GuestFactsTest, AKernelThatDiedIsTheKernelsFault) {
  console("[    1.1] Kernel panic - not syncing: Attempted to kill init!\n");
  const auto read = facts();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kernel);
}

TEST_F(GuestFactsTest, AnArgumentWithoutEffectIsAnotherKernelThanTheOneAskedFor) {
  session_.plan.kernels[0].arguments = "threadirq";
  report_.kernel.answers->log = {
      "Unknown kernel command line parameters \"threadirq\", will be passed to user space."};
  report_.kernel.command_line += " threadirq";
  EXPECT_THAT(why(), HasSubstr("threadirq"));
}

}  // namespace
}  // namespace loopgate::guest_facts_test
