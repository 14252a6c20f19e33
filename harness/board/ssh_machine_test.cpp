#include "board/ssh_machine.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "board/board_claim.h"
#include "board/testing/fake_board.h"
#include "record/console.h"
#include "record/testing/recorded_frames.h"

namespace loopgate::ssh_machine_test {
namespace {

namespace fs = std::filesystem;
using Kind = InstrumentEvent::Kind;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* good_agent = R"sh(
echo '{"event":"ready"}'
echo '{"event":"counting","monotonic_ns":1,"planned":10,"due":2,"answered":2,"late":0,"unanswered":0,"not_sent":0,"spurious":0}'
echo '{"event":"measured","monotonic_ns":2,"planned":10,"due":10,"answered":10,"late":0,"unanswered":0,"not_sent":0,"spurious":0}'
echo samples > "$OUT/samples.lgs"
echo stamps > "$OUT/stamps.lst"
echo '{"report":1}' > "$OUT/report.json"
echo '{"event":"reported"}'
)sh";

class OverSshMachine : public ::testing::Test {
 protected:
  SshMachine& machine() {
    if (!machine_) {
      SshMachineOptions options;
      options.notify = [this](const std::string& line) { notes_ += line + "\n"; };
      options.hooks = hooks_;
      machine_ = std::make_unique<SshMachine>(board_.board(), board_.lab(), options);
    }
    return *machine_;
  }
  Result<MachineRun> run(const CellRequest& request) {
    return machine().run(request,
                         [this](Stage, const InstrumentEvent& event) { events_.push_back(event.kind); });
  }
  std::string failure_of(const CellRequest& request) {  // empty when it ran
    const auto run = this->run(request);
    return run ? "" : run.error().what;
  }
  Error error_of(const CellRequest& request) {
    auto run = this->run(request);
    return run ? Error{ErrorKind::usage, "it ran", ""} : run.error();
  }
  void SetUp() override { board_.set_agent(good_agent); }

  FakeBoard board_;
  CellHooks hooks_;
  std::string notes_;
  std::vector<Kind> events_;
  std::unique_ptr<SshMachine> machine_;
};

TEST_F(OverSshMachine, MeasuresOnTheCandidateAndGoesBack) {
  const CellRequest request = board_.request("rt.idle");
  const auto run = this->run(request);
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->end.kind, Kind::reported);
  EXPECT_EQ(run->end.counts.answered, 10U);
  EXPECT_FALSE(run->agent_failed);
  EXPECT_EQ(run->report, "{\"report\":1}\n");
  EXPECT_GT(run->boot_s, 0);
  EXPECT_GT(run->to_first_stimulus_s, 0);
  EXPECT_EQ(text_of_file(request.folder / "samples.lgs"), "samples\n");
  EXPECT_EQ(text_of_file(request.folder / "stamps.lst"), "stamps\n");
  EXPECT_THAT(text_of_file(request.folder / "commands.txt"), HasSubstr("StrictHostKeyChecking=yes"));
  EXPECT_FALSE(board_.on_known_good());
  ASSERT_TRUE(machine().finish());
  EXPECT_TRUE(board_.on_known_good());
  EXPECT_EQ(board_.history(), "candidate\nboot\n");
  EXPECT_FALSE(fs::exists(board_.at("boot/loopgate"))) << "nothing of ours is left";
}

TEST_F(OverSshMachine, CellsOfOneRepetitionShareABoot) {
  CellRequest request = board_.request("rt.idle");
  ASSERT_EQ(failure_of(request), "");
  request = board_.request("rt.mixed");
  const auto second = run(request);
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_EQ(second->boot_s, 0);
  EXPECT_EQ(board_.history(), "candidate\n");
  request = board_.request("rt.idle.2");
  request.boot = "rt.2";
  const auto third = run(request);
  ASSERT_TRUE(third) << third.error().what;
  EXPECT_EQ(board_.history(), "candidate\nboot\ncandidate\n") << "armed from the known-good kernel alone";
}

TEST_F(OverSshMachine, KernelsThatTakeTurnsAreCopiedOnce) {
  CellRequest rt = board_.request("rt.idle");
  CellRequest generic = board_.request("generic.idle");
  generic.kernel = board_.candidate("generic");
  for (int repetition = 1; repetition <= 2; ++repetition) {
    rt.boot = "rt." + std::to_string(repetition);
    generic.boot = "generic." + std::to_string(repetition);
    const auto first = run(rt);
    ASSERT_TRUE(first) << first.error().what;
    EXPECT_THAT(board_.text("proc/version"), HasSubstr("6.12.0-rt"));
    const auto second = run(generic);
    ASSERT_TRUE(second) << second.error().what;
    EXPECT_THAT(board_.text("proc/version"), HasSubstr("6.12.0-generic"));
  }
  std::size_t copies = 0;
  for (std::size_t at = notes_.find("copying"); at != std::string::npos; at = notes_.find("copying", at + 1))
    ++copies;
  EXPECT_EQ(copies, 3U) << "two kernels and one initramfs\n" << notes_;
}

TEST_F(OverSshMachine, TheKnownGoodKernelIsMeasuredAsItIs) {
  CellRequest request = board_.request("before");
  request.kernel = {};
  request.boot = "before";
  const auto run = this->run(request);
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(board_.history(), "");
}

TEST_F(OverSshMachine, ACandidateThatHangsIsSwitchedOff) {
  board_.set_fate("hang");
  board_.set_within(2);
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::kernel);
  EXPECT_THAT(error.what, HasSubstr("the kernel did not boot: no connection within 2 s"));
  EXPECT_TRUE(board_.on_known_good());
  EXPECT_THAT(board_.history(), HasSubstr("power\nboot\n"));
  board_.set_fate("good");
  board_.set_within(60);
  machine_.reset();
  EXPECT_EQ(failure_of(board_.request("rt.mixed")), "") << "the board is as good as before";
}

TEST_F(OverSshMachine, ACandidateThatPanicsIsKnownByItsConsole) {
  board_.attach_console();
  board_.set_fate("panic");
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::kernel);
  EXPECT_EQ(error.what, "the kernel did not boot: the kernel panicked: no luck");
  EXPECT_TRUE(board_.on_known_good());
}

// It comes late, as a kernel says it that is on its way down.
TEST_F(OverSshMachine, WhatAnEarlierKernelSaidIsNotTheNextOnes) {
  board_.attach_console();
  CellRequest request = board_.request("rt.idle");
  ASSERT_EQ(failure_of(request), "");
  board_.print("Kernel panic - not syncing: of the one before\n");
  request = board_.request("rt.idle.2");
  request.boot = "rt.2";
  const auto second = run(request);
  ASSERT_TRUE(second) << second.error().what;
  const std::string log = text_of_file(request.folder / "console.log");
  EXPECT_THAT(log, HasSubstr("of the one before"));
  EXPECT_EQ(read_console(log).what, "");
}

TEST_F(OverSshMachine, MoreStimuliThanItsMemoryHoldsAreRefusedBeforehand) {
  CellRequest request = board_.request("rt.idle");
  std::get<ResponseRequest>(request.work).pulses.counted = 4'000'000'000;
  const Error error = error_of(request);
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("4000000208 stimuli need 366214 MiB for results"));
  EXPECT_THAT(events_, Not(::testing::Contains(Kind::ready)));
}

TEST_F(OverSshMachine, ABoardThatNobodyCanSwitchIsSaidToBeAway) {
  board_.set_fate("hang");
  board_.set_within(2);
  board_.set_switch(false);
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("THE BOARD IS NOT BACK"));
  EXPECT_THAT(error.next_step, HasSubstr("by hand"));
}

// Without a console nobody can tell a boot loader's failure from the kernel's.
TEST_F(OverSshMachine, AnotherKernelThanTheCandidateIsNamed) {
  board_.set_fate("other");
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("the known-good kernel 6.1.0-good runs instead"));
  EXPECT_TRUE(board_.on_known_good());
}

TEST_F(OverSshMachine, ABoardThatDoesNotRestartIsTheBenchsFault) {
  board_.set_fate("stays");
  board_.set_within(2);
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("it is still on the previous boot"));
}

TEST_F(OverSshMachine, AnImageOfAnotherBuildIsNotMeasured) {
  CellRequest request = board_.request("rt.idle");
  request.kernel->release = "6.12.1-rt";
  const Error error = error_of(request);
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("uname -r is 6.12.0-rt, but 6.12.1-rt was deployed"));
  EXPECT_TRUE(board_.on_known_good());
}

TEST_F(OverSshMachine, AKernelThatRestartsWhileMeasuringFailed) {
  board_.set_agent("echo '{\"event\":\"ready\"}'\nreboot\nexit 255\n");
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::kernel);
  EXPECT_EQ(error.what, "the kernel restarted by itself");
  ASSERT_TRUE(machine().finish());
  EXPECT_TRUE(board_.on_known_good());
}

TEST_F(OverSshMachine, AConnectionThatIsCutOnTheSameBootIsTheBenchsFault) {
  board_.set_agent("echo '{\"event\":\"ready\"}'\nkill -9 $(cat " + board_.at("connections").string() +
                   ")\nexit 255\n");
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("the connection was lost"));
  EXPECT_THAT(error.what, HasSubstr("on the same boot"));
  board_.set_agent(good_agent);
  ASSERT_EQ(failure_of(board_.request("rt.mixed")), "");
  EXPECT_EQ(board_.history(), "candidate\nboot\ncandidate\n") << "what ran on there ended with its boot";
}

TEST_F(OverSshMachine, AnAgentThatGivesUpIsHeard) {
  board_.set_agent(
      "echo '{\"report\":2}' > \"$OUT/report.json\"\n"
      "echo '{\"event\":\"failed\",\"what\":\"instrument: no jumper\"}'\nexit 1\n");
  const auto run = this->run(board_.request("rt.idle"));
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_TRUE(run->agent_failed);
  EXPECT_EQ(run->report, "{\"report\":2}\n");
}

TEST_F(OverSshMachine, AnAgentThatEndsWithoutAWordIsTheBenchsFault) {
  board_.set_agent("echo 'chroot: cannot' >&2\nexit 126\n");
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_EQ(error.what, "the agent exited with status 126 without a report: chroot: cannot");
  board_.set_agent("echo 'no event'\n");
  EXPECT_THAT(error_of(board_.request("rt.idle")).what,
              HasSubstr("the instrument's event: is no JSON object: it was cut off or altered (no event)"));
}

TEST_F(OverSshMachine, MissingSamplesAreNoResult) {
  board_.set_agent("echo '{}' > \"$OUT/report.json\"\necho '{\"event\":\"reported\"}'\n");
  EXPECT_THAT(error_of(board_.request("rt.idle")).what, HasSubstr("samples.lgs cannot be read"));
}

TEST_F(OverSshMachine, AnEarlierCellsResultsAreNotTakenForThisOnes) {
  ASSERT_EQ(failure_of(board_.request("rt.idle")), "");
  board_.set_agent("echo '{\"event\":\"reported\"}'\n");
  EXPECT_THAT(error_of(board_.request("rt.mixed")).what, HasSubstr("report.json cannot be read"));
}

CellRequest of_decisions(CellRequest request) {
  DecisionRequest work;
  work.pulses.decisions = true;
  work.pulses.warm_up = 1;
  work.pulses.counted = 3;
  request.work = work;
  return request;
}

// The payload finds a file with room for all of its frames, and those that it wrote are kept.
TEST_F(OverSshMachine, TheRecordsOfDecisionsAreFetched) {
  FramesFile frames{testing::records_header(2),
                    {testing::frame_record(1, 3'000'000), testing::frame_record(2, 4'000'000)}};
  frames.header.capacity = 4;
  board_.folder().write("records", testing::bytes_of(frames));
  board_.set_agent(
      "wc -c < \"$OUT/frames.lgf\" > \"$OUT/stamps.lst\"\n" + ("dd if=" + board_.at("records").string()) +
      " of=\"$OUT/frames.lgf\" conv=notrunc status=none\n" + "echo samples > \"$OUT/samples.lgs\"\n" +
      "echo '{}' > \"$OUT/report.json\"\necho '{\"event\":\"reported\"}'\n");
  const CellRequest request = of_decisions(board_.request("rt.idle"));
  ASSERT_EQ(failure_of(request), "");
  EXPECT_EQ(text_of_file(request.folder / "stamps.lst"), std::to_string(64 + 4 * 64) + "\n");
  EXPECT_EQ(text_of_file(request.folder / "frames.lgf"), testing::bytes_of(frames));
}

TEST_F(OverSshMachine, APayloadThatLeftNoRecordsLeavesAnEmptyFile) {
  const CellRequest request = of_decisions(board_.request("rt.idle"));
  ASSERT_EQ(failure_of(request), "");
  EXPECT_EQ(fs::file_size(request.folder / "frames.lgf"), 0U);
}

TEST_F(OverSshMachine, ThePayloadsFilesAreThereForEachCellWhateverTheyAreCalled) {
  CellRequest first = board_.request("rt.idle");
  CellRequest second = board_.request("rt.mixed");
  for (const char* name : {"settings.json", "parts.lst", "golden.lgs", "model.onnx"}) {
    const fs::path file = board_.folder().write(name, name);
    for (CellRequest* request : {&first, &second}) request->files.push_back({name, file, sha256_of(name)});
  }
  board_.set_agent(std::string("cat \"$OUT\"/settings.json \"$OUT\"/parts.lst \"$OUT\"/golden.lgs "
                               "\"$OUT\"/model.onnx > \"$OUT/stamps.lst\" || exit 1\n") +
                   "echo samples > \"$OUT/samples.lgs\"\necho '{}' > \"$OUT/report.json\"\n"
                   "echo '{\"event\":\"reported\"}'\n");
  for (const CellRequest& request : {first, second}) {
    const auto run = this->run(request);
    ASSERT_TRUE(run) << run.error().what;
    EXPECT_EQ(text_of_file(request.folder / "stamps.lst"), "settings.jsonparts.lstgolden.lgsmodel.onnx");
  }
}

TEST_F(OverSshMachine, APayloadsFileWithAResultsNameIsRefused) {
  for (const char* name : {"check.json", "samples.lgs", "report.json.part"}) {
    CellRequest request = board_.request("rt.idle");
    request.files.push_back({"model", board_.folder().write(name, name), sha256_of(name)});
    const Error error = error_of(request);
    EXPECT_EQ(error.kind, ErrorKind::usage) << error.what;
    EXPECT_THAT(error.what, HasSubstr("the name " + std::string(name) + " is reserved for a result"));
  }
}

TEST_F(OverSshMachine, TheBoardIsLookedAtBeforeAndAfter) {
  std::string moments;
  hooks_ = [&](CellPhase phase, const CellRequest&, const RunScript& run_script) -> Status {
    moments += phase == CellPhase::before ? "before " : phase == CellPhase::after ? "after " : "during ";
    auto answer = run_script("uname -r");
    EXPECT_TRUE(answer);
    moments += *answer;
    return phase == CellPhase::after ? fail(ErrorKind::infrastructure, "it is too hot") : Status();
  };
  EXPECT_EQ(error_of(board_.request("rt.idle")).what, "it is too hot");
  EXPECT_EQ(moments, "before 6.12.0-rt\nafter 6.12.0-rt\n");
}

TEST_F(OverSshMachine, WhatOnlyTheVirtualBenchCanIsRefused) {
  CellRequest request = board_.request("rt.idle");
  request.symbols = true;
  EXPECT_EQ(error_of(request).kind, ErrorKind::usage);
  EXPECT_THAT(board_.history(), IsEmpty());
}

TEST_F(OverSshMachine, GoesBackWhenNobodySaidSo) {
  ASSERT_EQ(failure_of(board_.request("rt.idle")), "");
  machine_.reset();
  EXPECT_TRUE(board_.on_known_good());
  EXPECT_FALSE(fs::exists(board_.at("boot/loopgate")));
}

TEST_F(OverSshMachine, ACandidateThatAnInterruptedRunLeftIsEndedFirst) {
  ASSERT_EQ(failure_of(board_.request("rt.idle")), "");
  const auto left = std::move(machine_);
  const TempFolder another;  // the claim of a process that was killed is gone, and this one is alive
  ::setenv("LOOPGATE_CACHE", another.path().c_str(), 1);
  ASSERT_EQ(failure_of(board_.request("rt.idle")), "");
  EXPECT_EQ(board_.history(), "candidate\nboot\ncandidate\n");
}

TEST_F(OverSshMachine, ABoardThatAnotherRunUsesIsLeftAlone) {
  const auto other = BoardClaim::of(board_.lab());
  ASSERT_TRUE(other);
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("in use by another loopgate"));
  EXPECT_TRUE(machine_->finish()) << "nor is it brought back from what the other boots there";
  EXPECT_THAT(board_.history(), IsEmpty());
}

TEST_F(OverSshMachine, ABoardThatDoesNotLetUsInKeepsItsPower) {
  board_.folder().write("bin/ssh",
                        "#!/bin/sh\necho 'root@board: Permission denied (publickey).' >&2\nexit 255\n");
  const Error error = error_of(board_.request("rt.idle"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("board: login refused"));
  EXPECT_FALSE(machine().finish());
  EXPECT_THAT(board_.history(), IsEmpty());
}

TEST_F(OverSshMachine, ABootFolderThatCannotDoItIsRefusedUntouched) {
  fs::remove(board_.at("boot/boot.scr"));
  EXPECT_THAT(error_of(board_.request("rt.idle")).what,
              HasSubstr("boot.scr does not boot an armed candidate"));
  EXPECT_THAT(board_.history(), IsEmpty());
  EXPECT_THAT(notes_, Not(HasSubstr("copying")));
}

// The health check comes first, and copies its programs.
TEST_F(OverSshMachine, ABootFolderThatCannotDoItIsRefusedBeforeTheBenchIsChecked) {
  fs::remove(board_.at("boot/boot.scr"));
  CellRequest known_good = board_.request("health");
  known_good.kernel.reset();
  const Error error = error_of(known_good);
  EXPECT_THAT(error.what, HasSubstr("boot.scr does not boot an armed candidate"));
  EXPECT_THAT(error.next_step, HasSubstr("install the one made from"));
}

}  // namespace
}  // namespace loopgate::ssh_machine_test
