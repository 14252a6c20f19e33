#include "target/agent/job_runner.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/eventfd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/testing/temp_folder.h"
#include "target/agent/proc.h"
#include "target/agent/text_file.h"

namespace loopgate::job_runner_test {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Running : public ::testing::Test {
 protected:
  Running() : stop_(::eventfd(0, EFD_CLOEXEC)) {
    job_.payload.argv = {AGENT_TEST_PAYLOAD, "plain"};
    job_.payload.ready_timeout = milliseconds(10'000);
  }

  void add_load(const std::string& script, int min_processes = 1,
                milliseconds within = milliseconds(10'000)) {
    job_.parts.push_back(
        {"load", {"sh", "-c", script}, SIGTERM, scratch_.path("metrics"), min_processes, 0, within});
  }
  void add_program(const std::string& name, const std::string& script,
                   milliseconds timeout = milliseconds(60'000)) {
    job_.programs.push_back({name, {"sh", "-c", script}, "", timeout, {}});
  }
  // In place of the payload.
  void add_program_alone(const std::string& name, const std::string& script,
                         milliseconds timeout = milliseconds(60'000)) {
    job_.payload.argv.clear();
    add_program(name, script, timeout);
  }
  void say_stop() { ::eventfd_write(stop_.get(), 1); }

  void set_instrument(const std::string& check, const std::string& measure,
                      milliseconds within = milliseconds(10'000)) {
    job_.instrument =
        InstrumentSpec{{"sh", "-c", check}, {"sh", "-c", measure}, -1, milliseconds(10'000), within, {}};
  }
  Report run(const std::function<void()>& when_ready) {
    auto events = Events::open(stop_.get());
    EXPECT_TRUE(events);
    const auto on_ready = [&] {
      ++ready_;
      when_ready();
    };
    return JobRunner(job_, *events, on_ready, [&](const std::string& line) { lines_.push_back(line); }).run();
  }
  Report run_to_its_end() {
    return run([] {});
  }
  Report run_and_stop() {
    return run([&] { say_stop(); });
  }

  Job job_;
  TempFolder scratch_;
  Descriptor stop_;
  int ready_ = 0;
  std::vector<std::string> lines_;  // that the instrument printed
};

TEST_F(Running, ReportsLoadAndPayload) {
  // Its second process comes only after the trap is set.
  add_load("trap 'echo metrics > " + scratch_.path("metrics") +
               "; echo bye; exit 0' TERM; while :; do sleep 0.01; done",
           2);
  const Report report = run_and_stop();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_EQ(ready_, 1);
  ASSERT_EQ(report.parts.size(), 1U);
  EXPECT_EQ(report.parts[0].exit, "exited 0");
  EXPECT_FALSE(report.parts[0].died_early);
  EXPECT_EQ(report.parts[0].processes, 2);
  EXPECT_EQ(report.parts[0].output, "bye\n");
  EXPECT_EQ(report.parts[0].file, "metrics\n");
  ASSERT_TRUE(report.payload);
  EXPECT_EQ(report.payload->exit, "exited 0");
  EXPECT_EQ(report.payload->output, "{\"events\":7}\n");
  EXPECT_TRUE(report.payload->ready_after);
  EXPECT_FALSE(report.interrupts_start.empty());
}

TEST_F(Running, ALoadThatEndsAtOnceIsNamed) {
  add_load("echo no such option >&2; exit 2", 2);  // never attested, so that it ends first
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "load");
  EXPECT_EQ(report.failure->name, "load");
  EXPECT_EQ(report.failure->what, "load part load ended by itself: exited 2; its last words: no such option");
  EXPECT_TRUE(report.parts[0].died_early);
  EXPECT_EQ(ready_, 0);
}

TEST_F(Running, ALoadThatDiesWhileMeasuringIsNamed) {
  const std::string mark = scratch_.path("measuring");
  add_load("while ! test -e " + mark + "; do sleep 0.01; done; echo out of memory; exit 1");
  const Report report = run([&] { scratch_.write("measuring", ""); });
  EXPECT_EQ(ready_, 1);
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "load part load ended by itself: exited 1; its last words: out of memory");
  EXPECT_TRUE(report.parts[0].died_early);
}

TEST_F(Running, ALoadWithTooFewProcessesIsNotAttested) {
  add_load("exec sleep 60", 3, milliseconds(50));
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_THAT(report.failure->what, HasSubstr("load part load had 1 process and "));
  EXPECT_THAT(report.failure->what, HasSubstr("3 processes and 0 ms are wanted"));
  EXPECT_EQ(report.parts[0].exit, "signal 15");
  EXPECT_EQ(ready_, 0);
}

TEST_F(Running, AProgramThatIsNotThereIsNamed) {
  job_.parts.push_back({"gone", {"no-such-program"}, SIGINT, "", 1, 0, milliseconds(100)});
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->name, "gone");
  EXPECT_THAT(report.failure->what, HasSubstr("no-such-program: cannot be started"));
}

TEST_F(Running, APayloadThatRefusesIsNamed) {
  job_.payload.argv[1] = "refuses";
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "payload");
  EXPECT_EQ(report.failure->what, "the payload ended by itself: exited 3; its last words: no right to do it");
  EXPECT_EQ(report.payload->exit, "exited 3");
}

TEST_F(Running, APayloadThatIsNeverReadyIsNamed) {
  job_.payload.argv[1] = "never-ready";
  job_.payload.ready_timeout = milliseconds(100);
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "the payload did not say READY=1 within 100 ms");
  EXPECT_EQ(report.payload->ready_after, std::nullopt);
}

TEST_F(Running, APayloadThatDiesWhileMeasuringIsNamed) {
  job_.payload.argv = {AGENT_TEST_PAYLOAD, "dies", scratch_.path("measuring")};
  const Report report = run([&] { scratch_.write("measuring", ""); });
  EXPECT_EQ(ready_, 1);
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "the payload ended by itself: signal 6");
}

TEST_F(Running, APayloadThatIgnoresTheStopIsKilled) {
  job_.payload.argv[1] = "ignores-stop";
  const Report report = run_and_stop();
  EXPECT_FALSE(report.failure);
  EXPECT_EQ(report.payload->exit, "signal 9");
}

TEST_F(Running, RunsProgramsOneAfterTheOtherAndKeepsWhatTheyLeft) {
  const std::string file = scratch_.write("result", "of an earlier run");
  add_program_alone("first", "echo good; echo warning >&2; echo {} > " + file);
  job_.programs[0].file = file;
  add_program_alone("second", "exit 3");
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_EQ(ready_, 1);
  EXPECT_FALSE(report.payload);
  ASSERT_EQ(report.programs.size(), 2U);
  EXPECT_EQ(report.programs[0].name, "first");
  EXPECT_EQ(report.programs[0].exit, "exited 0");
  EXPECT_EQ(report.programs[0].output, "good\n");
  EXPECT_EQ(report.programs[0].errors, "warning\n");
  EXPECT_EQ(report.programs[0].file, "{}\n");
  EXPECT_EQ(report.programs[1].exit, "exited 3");
  EXPECT_EQ(report.programs[1].file, std::nullopt);
  EXPECT_FALSE(report.programs[0].timed_out || report.programs[0].cut_off);
  EXPECT_LE(*report.programs[0].ended, *report.programs[1].began);
}

// pi_stress sends SIGTERM to its whole process group.
TEST_F(Running, AProgramThatKillsItsGroupKillsNothingElse) {
  add_load("sleep 60 & wait", 2);
  add_program_alone("kills", "trap 'kill -KILL $$' TERM; kill -TERM 0; sleep 60");
  add_program_alone("next", "true");
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_EQ(report.programs.at(0).exit, "signal 9");
  EXPECT_EQ(report.programs.at(1).exit, "exited 0");
  EXPECT_FALSE(report.parts.at(0).died_early);
}

TEST_F(Running, AProgramThatDoesNotEndIsEndedWithAllThatItStarted) {
  const std::string pid = scratch_.path("pid");
  add_program_alone("endless", "sleep 61 & echo $! > " + pid + "; wait", milliseconds(1'000));
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_TRUE(report.programs.at(0).timed_out);
  EXPECT_EQ(report.programs.at(0).exit, "signal 9");
  const auto told = read_text(pid);
  ASSERT_TRUE(told && !told->empty()) << "it had a second to begin";
  const auto left = read_process(std::stoi(*told));
  EXPECT_TRUE(!left || left->state == 'Z') << "its own child is left";
}

TEST_F(Running, TheLoadOutlastsAShortProgramUntilItCanProveItself) {
  add_load("exec sleep 60");
  add_program_alone("short", "true");
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_GE(report.timing.window(), shortest_load_window);
  EXPECT_FALSE(report.parts.at(0).died_early);
}

TEST_F(Running, AProgramThatLacksSomethingIsNotStarted) {
  add_program_alone("lacking", "touch " + scratch_.path("started"));
  job_.programs[0].needs.files = {"/no/such/switch"};
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure);
  EXPECT_EQ(report.programs.at(0).missing, "the kernel has no /no/such/switch");
  EXPECT_EQ(report.programs.at(0).exit, "");
  EXPECT_FALSE(read_text(scratch_.path("started")));
}

TEST_F(Running, ALoadThatDiesWhileAProgramRunsIsNamed) {
  const std::string mark = scratch_.path("running");
  add_load("while ! test -e " + mark + "; do sleep 0.01; done; exit 1");
  add_program_alone("long", "touch " + mark + "; sleep 60");
  const Report report = run_to_its_end();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "load");
  EXPECT_EQ(report.programs.at(0).exit, "signal 9");
}

TEST_F(Running, AFailedCheckStopsAll) {
  job_.checks = {{"live", scratch_.write("realtime", "0\n"), "1", true}};
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "checks");
  EXPECT_EQ(report.failure->name, "live");
  EXPECT_EQ(report.failure->what, "wanted 1, saw 0");
  EXPECT_EQ(report.payload, std::nullopt);
}

TEST_F(Running, APayloadThatCannotKeepToItsCpusStopsAll) {
  job_.payload.cpus = {1023};
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "payload");
  EXPECT_THAT(report.failure->what, ::testing::HasSubstr("wanted 1023"));
  ASSERT_EQ(report.tuning.size(), 1U);
  EXPECT_FALSE(report.tuning[0].ok);
}

TEST_F(Running, TuningThatDoesNotReadBackStopsAllAndIsPutBack) {
  const std::string knob = scratch_.write("knob", "5");
  job_.files = {{knob, "6", "7"}};
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "tuning");
  EXPECT_EQ(report.failure->what, knob + " reads back 6, wanted 7");
  EXPECT_EQ(*read_text(knob), "5");
}

TEST_F(Running, WhatIsUndoneWhileMeasuringIsSeen) {
  const std::string knob = scratch_.write("knob", "5");
  job_.files = {{knob, "6", "6"}};
  job_.checks = {{"knob", knob, "6", true}};
  add_load("sleep 60 & wait", 2);
  const Report report = run([&] {
    scratch_.write("knob", "7");
    const sched_param none{};
    std::ifstream children("/proc/thread-self/children");
    for (pid_t child = 0; children >> child;) ::sched_setscheduler(child, SCHED_BATCH, &none);
    say_stop();
  });
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_TRUE(report.tuning.at(0).ok);
  ASSERT_EQ(report.tuning_end.size(), 2U);
  EXPECT_EQ(report.tuning_end[0].read_back, "7");
  EXPECT_FALSE(report.tuning_end[0].ok);
  EXPECT_EQ(report.tuning_end[1].wanted, "other");
  EXPECT_EQ(report.tuning_end[1].read_back, "batch");
  ASSERT_EQ(report.checks_end.size(), 1U);
  EXPECT_EQ(report.checks_end[0].seen, "7");
  EXPECT_EQ(report.parts.at(0).processes_at_stop, 2);
  EXPECT_NE(report.parts.at(0).cpus, "");
  EXPECT_EQ(*read_text(knob), "5") << "and put back";
}

TEST_F(Running, WhatNeverBeganIsNotReadBackAgain) {
  job_.files = {{scratch_.write("knob", "5"), "6", "6"}};
  job_.payload.argv[1] = "refuses";
  const Report report = run_and_stop();
  EXPECT_EQ(report.tuning.size(), 1U);
  EXPECT_TRUE(report.tuning_end.empty());
}

TEST_F(Running, AStopBeforeAllIsReadyIsAFailure) {
  job_.payload.argv[1] = "never-ready";
  say_stop();
  const Report report = run([] {});
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "it was told to stop before it was ready");
}

// The test's payload says READY=1 as a probe does, and is told to end likewise.
TEST_F(Running, AProbeRunsFromThePayloadsReadinessOn) {
  job_.probe =
      ProbeSpec{{AGENT_TEST_PAYLOAD, "plain"}, scratch_.path("probe.lgp"), true, milliseconds(10'000)};
  const Report report = run([&] {
    scratch_.write("probe.lgp", std::string("\0\xff", 2));
    say_stop();
  });
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_EQ(ready_, 1);
  ASSERT_TRUE(report.probe);
  EXPECT_EQ(report.probe->exit, "exited 0");
  EXPECT_EQ(report.probe->output, "{\"events\":7}");
  EXPECT_EQ(report.probe->file, std::string("\0\xff", 2));
}

TEST_F(Running, AProbeMayLeaveATrace) {
  job_.probe = ProbeSpec{{AGENT_TEST_PAYLOAD, "plain"},
                         scratch_.path("probe.lgp"),
                         true,
                         milliseconds(10'000),
                         scratch_.path("trace.dat")};
  const Report report = run([&] {
    scratch_.write("trace.dat", std::string("\x17\0", 2));
    say_stop();
  });
  EXPECT_EQ(report.probe->trace, std::string("\x17\0", 2));
}

TEST_F(Running, AnEarlierProbesTraceIsNoneOfItsOwn) {
  job_.probe = ProbeSpec{{AGENT_TEST_PAYLOAD, "plain"},
                         scratch_.path("probe.lgp"),
                         true,
                         milliseconds(10'000),
                         scratch_.write("trace.dat", "an earlier one's")};
  EXPECT_EQ(run_and_stop().probe->trace, "");
}

TEST_F(Running, AProbesPayloadIsNamedToIt) {
  job_.probe = ProbeSpec{
      {"sh", "-c", "echo \"$@\" >&2; exit 7", "sh"}, "/nowhere/probe.lgp", false, milliseconds(10'000)};
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_THAT(report.failure->what, ::testing::MatchesRegex(".*--payload [0-9]+"));
}

// Before anything is measured, and in its own words.
TEST_F(Running, AProbeThatIsRefusedIsAFailure) {
  job_.probe = ProbeSpec{{"sh", "-c", "echo 'probe: no BTF -> build it with BTF' >&2; exit 7"},
                         "/nowhere/probe.lgp",
                         true,
                         milliseconds(10'000)};
  const Report report = run_and_stop();
  EXPECT_EQ(ready_, 0);
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "probe");
  EXPECT_EQ(report.failure->what, "no BTF -> build it with BTF");
  ASSERT_TRUE(report.probe);
  EXPECT_EQ(report.probe->exit, "exited 7");
  EXPECT_EQ(report.payload->exit, "exited 0");
}

TEST_F(Running, AProbeThatIsNeverReadyIsAFailure) {
  job_.probe = ProbeSpec{{AGENT_TEST_PAYLOAD, "never-ready"}, "/nowhere/probe.lgp", false, milliseconds(50)};
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "it was not ready within 50 ms");
  EXPECT_EQ(report.probe->file, "");
}

TEST_F(Running, AProbeThatDiesWhileMeasuringIsNamed) {
  const std::string mark = scratch_.path("measuring");
  job_.probe =
      ProbeSpec{{AGENT_TEST_PAYLOAD, "dies", mark}, "/nowhere/probe.lgp", false, milliseconds(10'000)};
  const Report report = run([&] { scratch_.write("measuring", ""); });
  EXPECT_EQ(ready_, 1);
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "probe");
  EXPECT_THAT(report.failure->what, HasSubstr("signal 6"));
}

TEST_F(Running, TheInstrumentsEndEndsTheMeasuring) {
  set_instrument(R"(echo '{"passed":true}')",
                 R"(echo '{"event":"progress","due":1}'; echo '{"event":"measured","due":2}')");
  job_.instrument->files = {scratch_.write("samples", std::string("\0\xff~", 3)), scratch_.path("none")};
  job_.instrument->cpu = 0;
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_EQ(ready_, 1);
  EXPECT_THAT(lines_, ElementsAre(R"({"event":"progress","due":1})", R"({"event":"measured","due":2})"));
  ASSERT_TRUE(report.instrument);
  EXPECT_EQ(report.instrument->check_exit, "exited 0");
  EXPECT_EQ(report.instrument->check, R"({"passed":true})");
  EXPECT_EQ(report.instrument->exit, "exited 0");
  EXPECT_EQ(report.instrument->end, R"({"event":"measured","due":2})");
  ASSERT_EQ(report.instrument->files.size(), 1U);
  EXPECT_EQ(report.instrument->files.begin()->second.size(), 3U);
  EXPECT_EQ(report.payload->exit, "exited 0");
}

TEST_F(Running, AFailedCheckOfTheJumpersStartsNoPayload) {
  set_instrument("echo '{\"passed\":false}'; echo the jumper is missing >&2; exit 6", "echo never");
  const Report report = run_to_its_end();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "instrument");
  EXPECT_EQ(report.failure->what,
            "the check of the jumpers ended by itself: exited 6; its last words: the jumper is missing");
  EXPECT_EQ(report.payload, std::nullopt);
  EXPECT_EQ(report.instrument->check, R"({"passed":false})");
  EXPECT_EQ(report.instrument->exit, "");
  EXPECT_TRUE(lines_.empty());
}

TEST_F(Running, ACheckThatHangsIsEnded) {
  set_instrument("exec sleep 60", "echo never");
  job_.instrument->check_timeout = milliseconds(100);
  const Report report = run_to_its_end();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "the check of the jumpers did not end within 100 ms");
  EXPECT_EQ(report.instrument->check_exit, "signal 15");
}

TEST_F(Running, AnInstrumentThatFailsIsNamed) {
  set_instrument("true", "echo '{\"event\":\"error\"}'; echo the line failed >&2; exit 5");
  const Report report = run_to_its_end();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->part, "instrument");
  EXPECT_EQ(report.failure->what,
            "the instrument ended by itself: exited 5; its last words: the line failed");
  EXPECT_THAT(lines_, ElementsAre(R"({"event":"error"})"));
}

TEST_F(Running, AnInstrumentThatIsKilledIsNamed) {
  set_instrument("true", "kill -9 $$");
  const Report report = run_to_its_end();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "the instrument ended by itself: signal 9");
}

TEST_F(Running, AnInstrumentThatNeverEndsIsEnded) {
  set_instrument("true", "trap '' TERM; echo begun; while :; do sleep 0.05; done", milliseconds(200));
  const Report report = run_to_its_end();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "the instrument did not end within 200 ms");
  EXPECT_EQ(report.instrument->exit, "signal 9");
  EXPECT_THAT(lines_, ElementsAre("begun"));
}

TEST_F(Running, AnInstrumentThatIsNotThereIsNamed) {
  set_instrument("true", "true");
  job_.instrument->argv = {"no-such-program"};
  const Report report = run_to_its_end();
  ASSERT_TRUE(report.failure);
  EXPECT_THAT(report.failure->what, HasSubstr("no-such-program: cannot be started"));
}

TEST_F(Running, ACpuThatIsNotThereIsNamed) {
  set_instrument("exec sleep 60", "true");
  job_.instrument->cpu = 1023;
  const Report report = run_to_its_end();
  ASSERT_TRUE(report.failure);
  EXPECT_THAT(report.failure->what, HasSubstr("CPU 1023 can't be had"));
}

TEST_F(Running, APayloadThatDiesWhileTheInstrumentMeasuresIsNamed) {
  job_.payload.argv = {AGENT_TEST_PAYLOAD, "dies", scratch_.path("measuring")};
  set_instrument("true", "exec sleep 60");
  const Report report = run([&] { scratch_.write("measuring", ""); });
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "the payload ended by itself: signal 6");
  EXPECT_EQ(report.instrument->exit, "signal 15");
}

TEST_F(Running, AStopWhileTheInstrumentMeasuresIsAFailure) {
  set_instrument("true", "exec sleep 60");
  const Report report = run_and_stop();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->what, "it was told to stop while the instrument measured");
}

// ---- A program beside the payload ----

// Writes what it has when it is told to end, as cyclictest does.
std::string ends_when_told(const std::string& mark) {
  return "trap 'echo 7 cycles; exit 0' INT; touch " + mark + "; while :; do sleep 0.01; done";
}

TEST_F(Running, AProgramBesideThePayloadIsToldToEndWhenMeasuringIsOver) {
  const std::string mark = scratch_.path("measuring");
  add_program("cyclictest", ends_when_told(mark));
  const Report report = run([&] {
    for (int i = 0; i < 5'000 && !std::filesystem::exists(mark); ++i)
      std::this_thread::sleep_for(milliseconds(2));
    say_stop();
  });
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_EQ(ready_, 1);
  ASSERT_EQ(report.programs.size(), 1U);
  const ProgramReport& program = report.programs[0];
  EXPECT_EQ(program.exit, "exited 0");
  EXPECT_EQ(program.output, "7 cycles\n");
  EXPECT_TRUE(program.told_to_end);
  EXPECT_FALSE(program.timed_out);
  EXPECT_LE(program.began, report.timing.ready) << "before the first stimulus";
  EXPECT_GE(program.ended, report.timing.stopped) << "until the last one is over";
  ASSERT_TRUE(report.payload);
  EXPECT_EQ(report.payload->exit, "exited 0") << "it goes on until the program has ended";
}

TEST_F(Running, AProgramBesideThatEndsEarlyEndsNothingElse) {
  add_program("cyclictest", "echo enough; exit 3");
  set_instrument("true", "sleep 0.3");
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure) << report.failure->what;
  const ProgramReport& program = report.programs.at(0);
  EXPECT_EQ(program.exit, "exited 3");
  EXPECT_EQ(program.output, "enough\n");
  EXPECT_FALSE(program.told_to_end);
  EXPECT_LT(program.ended, report.timing.stopped) << "when it ended, not when that was found";
}

TEST_F(Running, AProgramBesideThatIsKilledIsReportedAsIt) {
  add_program("cyclictest", "kill -9 $$");
  set_instrument("true", "sleep 0.2");
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_EQ(report.programs.at(0).exit, "signal 9");
  EXPECT_FALSE(report.programs[0].told_to_end);
}

TEST_F(Running, AProgramBesideIsEndedAfterItsTimeAndMeasuringGoesOn) {
  add_program("cyclictest", "exec sleep 60", milliseconds(50));
  set_instrument("true", "sleep 0.4");
  const Report report = run_to_its_end();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_TRUE(report.programs.at(0).timed_out);
  EXPECT_FALSE(report.programs[0].told_to_end);
  EXPECT_EQ(report.programs[0].exit, "signal 9");
  EXPECT_LT(report.programs[0].ended, report.timing.stopped);
}

TEST_F(Running, AProgramBesideThatIsNotThereIsSaidAndThePayloadMeasured) {
  add_program("cyclictest", "true");
  job_.programs[0].argv = {"no-such-program"};
  const Report report = run_and_stop();
  ASSERT_FALSE(report.failure) << report.failure->what;
  EXPECT_EQ(report.programs.at(0).missing, "the program no-such-program is not on the target");
  EXPECT_EQ(report.payload->exit, "exited 0");
}

TEST_F(Running, WhatTheLoadLeavesBehindIsKilled) {
  // The third process comes only after all traps are set, and inherits that SIGTERM is ignored.
  add_load("trap 'exit 0' TERM; (trap '' TERM; echo $$; sleep 60; sleep 60) & while :; do wait; done", 3);
  const Report report = run_and_stop();
  EXPECT_FALSE(report.failure);
  const pid_t leader = std::stoi(report.parts.at(0).output);
  for (int i = 0; i < 200 && usage_of(leader).processes > 0; ++i)
    std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(usage_of(leader).processes, 0);
}

}  // namespace
}  // namespace loopgate::job_runner_test
