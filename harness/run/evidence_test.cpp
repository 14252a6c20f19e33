#include "run/evidence.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"
#include "programs/load/cyclictest.h"
#include "programs/load/stress_ng.h"
#include "run/testing/fake_machine.h"

namespace loopgate::evidence_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string recorded(const std::string& name) {
  const std::string text = text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/" + name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

Load sink_load() { return made_up_plan().loads[0]; }

Load stress_load(std::map<std::string, double> rates) {
  Load load = sink_load();
  load.parts[0].name = "mixed";
  static const StressNg stress_ng;
  load.parts[0].program = &stress_ng;
  load.parts[0].min_per_second = std::move(rates);
  return load;
}

Report stress_report(const std::optional<std::string>& file) {
  Report report = good_report();
  report.parts[0].name = "mixed";
  report.parts[0].file = file;
  return report;
}

MachineRun run_of(const Report& report) {
  MachineRun run;
  run.report = to_json(report);
  run.end.storm_pulses = 50'000;
  return run;
}

std::string problem_of(const Report& report, const Load& load = sink_load()) {
  const auto evidence = judge_evidence(run_of(report), load);
  EXPECT_TRUE(evidence) << evidence.error().what;
  return evidence ? evidence->problem : evidence.error().what;
}

TEST(Evidence, OfAGoodRunHasNoProblemAndKeepsWhatWasSeen) {
  const auto evidence = judge_evidence(run_of(good_report()), sink_load());
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "");
  const json& document = evidence->document;
  EXPECT_EQ(document["format"], 2);
  EXPECT_EQ(document["kernel"]["realtime"], 1);
  EXPECT_EQ(document["checks"].size(), 1U);
  EXPECT_EQ(document["tuning"].size(), 1U);
  EXPECT_EQ(document["payload"]["events"], 8);
  ASSERT_EQ(document["load"].size(), 1U);
  EXPECT_EQ(
      document["load"][0],
      json::parse(
          R"({"part":"sink","metric":"interrupts","per_second":25000.0,"at_least":20000.0,"ok":true})"));
}

// "became, read back" of what is asked for in these words.
std::string became_of(const Evidence& evidence, const std::string& asked) {
  for (const AskedFor& row : evidence.asked_for)
    if (row.asked == asked) return fmt::format("{}, {}", name_of(row.became), row.read_back);
  return "no row";
}

TEST(Evidence, SaysWhatBecameOfEachThingThatTheLoadsFileAsksFor) {
  Load load = sink_load();
  load.settle_ms = 50;
  load.parts[0].arguments = {"/bin/storm_sink", "--priority", "60", "--chip", "gpio"};
  Report report = good_report();
  report.parts[0].output = R"({"interrupts": 50000, "seconds": 2.0, "priority_read_back": 50})";
  auto evidence = judge_evidence(run_of(report), load);
  ASSERT_TRUE(evidence);
  EXPECT_EQ(became_of(*evidence, "it runs for 50 ms before measuring"), "in effect, 50.5 ms");
  EXPECT_EQ(became_of(*evidence, "sink: at least 1"), "in effect, 1 before measuring, 1 when it was over");
  EXPECT_EQ(became_of(*evidence, "sink: at least 1 ms before measuring"),
            "in effect, 2.5 ms before, 900 ms until measuring was over");
  EXPECT_EQ(became_of(*evidence, "sink: interrupts at least 20000 a second"), "in effect, 25000 a second");
  EXPECT_EQ(became_of(*evidence, "sink: --priority 60"), "not in effect, 50");
  EXPECT_EQ(became_of(*evidence, "sink: --chip gpio"), "not told, ");
  EXPECT_EQ(evidence->asked_for.size(), 6U);

  report.parts[0].died_early = true;
  report.parts[0].output = "";
  evidence = judge_evidence(run_of(report), load);
  EXPECT_EQ(became_of(*evidence, "sink: at least 1"),
            "not in effect, 1 before measuring, and it ended while measuring");
  EXPECT_EQ(became_of(*evidence, "sink: interrupts at least 20000 a second"),
            "not told, it printed no JSON object at its end");

  MachineRun failed = run_of(report);
  failed.agent_failed = true;
  load.storm = {25'000, 20'000};
  evidence = judge_evidence(failed, load);
  EXPECT_EQ(evidence->asked_for.size(), 7U);
  for (const AskedFor& row : evidence->asked_for) EXPECT_EQ(row.became, AskedState::not_told) << row.asked;
}

TEST(Evidence, SaysWhatAPayloadThatDiedSaidLast) {
  Report report = good_report();
  report.payload->exit = "signal 11";
  report.payload->output = "";
  report.payload->errors = "it began\nno such line: gpiochip7\n\n";
  EXPECT_EQ(payload_problem(*judge_evidence(run_of(report), sink_load())),
            "the payload exited abnormally: it signal 11; its last words: no such line: gpiochip7");
  report.payload->errors = "";
  EXPECT_EQ(payload_problem(*judge_evidence(run_of(report), sink_load())),
            "the payload exited abnormally: it signal 11");
  report.failure = Failure{"payload", "", "it ended while measuring"};
  report.payload->output = "out of memory";
  MachineRun failed = run_of(report);
  failed.agent_failed = true;
  EXPECT_THAT(judge_evidence(failed, sink_load())->problem,
              HasSubstr("it ended while measuring; its last words: out of memory"));
}

TEST(Evidence, SaysWhichStressorsWereLeftOut) {
  Load load = stress_load({{"cpu", 1}});
  load.parts[0].arguments = {"--cpu", "1", "--netdev", "1", "--cpu-method", "int64"};
  Report report = stress_report(recorded("stress-ng-metrics.yaml"));
  report.parts[0].output =
      "stress-ng: info:  [7] skipped: 1: netdev (1)\nstress-ng: info:  [7] passed: 1: cpu (1)\n";
  const auto evidence = judge_evidence(run_of(report), load);
  ASSERT_TRUE(evidence);
  EXPECT_THAT(evidence->problem, HasSubstr("stress-ng reports skipped: netdev (1)"));
  EXPECT_EQ(became_of(*evidence, "mixed: --cpu 1"), "in effect, 1 passed");
  EXPECT_EQ(became_of(*evidence, "mixed: --netdev 1"), "not in effect, 1 skipped");
  EXPECT_EQ(became_of(*evidence, "mixed: --cpu-method int64"), "not told, ");
}

TEST(Evidence, FindsALoadThatDeliveredLess) {
  Report report = good_report();
  report.parts[0].output = R"({"interrupts": 30000, "seconds": 2.0})";
  const auto evidence = judge_evidence(run_of(report), sink_load());
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "load part sink delivered 15000 interrupts a second; it requires 20000");
  EXPECT_THAT(evidence->next_step, HasSubstr("evidence.json"));
  EXPECT_EQ(evidence->document["load"][0]["ok"], false);
}

TEST(Evidence, JudgesStressNgByItsMetrics) {
  const Load load = stress_load({{"cpu", 1}, {"fork", 10}, {"sock", 10}});
  EXPECT_EQ(problem_of(stress_report(recorded("stress-ng-metrics.yaml")), load), "");
  EXPECT_EQ(problem_of(stress_report(std::nullopt), load),
            "load part mixed gave no proof that it ran: stress-ng wrote no metrics");
  EXPECT_EQ(problem_of(stress_report(recorded("stress-ng-metrics.yaml")), stress_load({{"dentry", 1}})),
            "load part mixed delivered 0 dentry a second; it requires 1");
}

TEST(Evidence, FindsAStressorThatDidNothing) {
  const Load load = stress_load({{"sock", 10}});
  Report report = stress_report(recorded("stress-ng-metrics-sock-at-zero.yaml"));
  EXPECT_THAT(problem_of(report, load), HasSubstr("load part mixed gave no proof that it ran: stressor "));
  EXPECT_THAT(problem_of(report, load), Not(HasSubstr("too short")));
  report.timing.stopped = *report.timing.attested + std::chrono::seconds(1);
  const char* idle = "load part mixed gave no proof that it ran: stressor sock did no operation";
  EXPECT_EQ(problem_of(report, load), idle);
  EXPECT_EQ(problem_of(report, stress_load({{"cpu", 1}})), idle) << "nobody wanted a rate of it";
}

// pip_stress, alone: no stressor has begun.
TEST(Evidence, SaysWhereTheTimeWasTooShortForALoadToProveItself) {
  Report report = stress_report(std::nullopt);
  report.timing.stopped = *report.timing.attested + std::chrono::milliseconds(12);
  EXPECT_THAT(
      problem_of(report, stress_load({{"cpu", 1}})),
      HasSubstr("; what measured took 12 ms, too short for a load to prove itself: measure for at least "
                "250 ms"));
}

TEST(Evidence, FindsALoadWithoutProof) {
  for (const char* printed :
       {"", "done", "[]", "null", "{}", R"({"interrupts": 50000})", R"({"interrupts":1,"seconds":0})",
        R"({"interrupts": 50000, "seconds": "2"})", R"({"interrupts": 500)"}) {
    Report report = good_report();
    report.parts[0].output = printed;
    EXPECT_THAT(problem_of(report), HasSubstr("load part sink gave no proof that it ran")) << printed;
  }
  Report other = good_report();
  other.parts[0].output = R"({"seconds": 2.0})";
  EXPECT_THAT(problem_of(other), HasSubstr("load part sink delivered 0 interrupts a second"));
}

TEST(Evidence, FindsALoadThatDied) {
  Report report = good_report();
  report.parts[0].died_early = true;
  report.parts[0].exit = "killed by signal 9";
  EXPECT_EQ(problem_of(report), "load part sink ended during the measurement (killed by signal 9)");
}

// It was stopped in time and printed good figures; how it ended says that they are not to be believed.
TEST(Evidence, BelievesNoFiguresOfAPartThatDidNotEndWell) {
  for (const char* exit : {"exited 1", "killed by signal 9", "still runs", ""}) {
    Report report = good_report();
    report.parts[0].exit = exit;
    EXPECT_EQ(problem_of(report),
              fmt::format("load part sink did not end well ({}): its own figures prove nothing", exit));
  }
}

TEST(Evidence, FindsALoadThatRanForAMomentOfTheTime) {
  Report report = good_report();
  report.parts[0].output = R"({"interrupts": 50, "seconds": 0.001})";
  EXPECT_THAT(problem_of(report), HasSubstr("load part sink gave no proof that it ran: it ran for 0.001 s"));
}

TEST(Evidence, FindsAPartThatIsNotReported) {
  Report report = good_report();
  report.parts.clear();
  EXPECT_EQ(problem_of(report), "load part sink is not in the agent's report");
}

// Two seconds of it, as /proc/interrupts tells of the line.
Report storm_report(int before, int after) {
  const auto table = [](int count) {
    return fmt::format(
        "           CPU0\n 18:  7 9030000.pl061  0 Edge  stimulus\n"
        " 19:  {} 9030000.pl061  2 Edge  storm\n",
        count);
  };
  Report report = good_report();
  report.timing.attested = report.timing.ready = std::chrono::seconds(1);
  report.timing.stopped = std::chrono::seconds(3);
  report.interrupts_start = table(before);
  report.interrupts_end = table(after);
  return report;
}

Load storm_load() {
  Load load = sink_load();
  load.storm = {25'000, 20'000};
  return load;
}

TEST(Evidence, CountsTheStormsInterruptsThatWereHandled) {
  const auto evidence = judge_evidence(run_of(storm_report(500, 50'500)), storm_load());
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "");
  EXPECT_EQ(
      evidence->document["load"][1],
      json::parse(
          R"({"part":"storm","metric":"interrupts handled","per_second":25000.0,"at_least":20000.0,"ok":true})"));
}

// The instrument made enough of them each time.
TEST(Evidence, FindsAStormThatWasNoStorm) {
  const std::string few =
      "the kernel handled 15000 of 25000 storm interrupts a second; the load requires 20000";
  EXPECT_EQ(problem_of(storm_report(500, 30'500), storm_load()), few);
  EXPECT_THAT(problem_of(storm_report(500, 500), storm_load()), HasSubstr("handled 0 of "));
  EXPECT_THAT(problem_of(storm_report(500, 3), storm_load()), HasSubstr("handled 0 of "));
  Report report = storm_report(500, 50'500);
  report.timing.stopped = report.timing.ready;
  EXPECT_THAT(problem_of(report, storm_load()), HasSubstr("handled 0 of "));
}

TEST(Evidence, FindsAStormThatNobodyTookIn) {
  Load load = storm_load();
  load.parts.clear();
  Report report = storm_report(500, 50'500);
  report.interrupts_end = "           CPU0\n 18:  7 9030000.pl061  0 Edge  stimulus\n";
  const auto evidence = judge_evidence(run_of(report), load);
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem,
            "no program requested the storm line: /proc/interrupts has no \"storm\" entry");
  EXPECT_THAT(evidence->next_step, HasSubstr("{storm}"));
  EXPECT_EQ(evidence->document["load"][0]["ok"], false);
}

Load timer_load(double cycles) {
  static const Cyclictest cyclictest;
  Load load = stress_load({{"cycles", cycles}});
  load.parts[0].program = &cyclictest;
  return load;
}

TEST(Evidence, OfALoadThatMeasuresKeepsItsLatenciesAsBounds) {
  const auto evidence = judge_evidence(run_of(stress_report(recorded("cyclictest.json"))), timer_load(1'900));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "");
  EXPECT_EQ(evidence->document["load"][0]["metric"], "cycles");
  ASSERT_EQ(evidence->document["load_latency"].size(), 1U);
  const json& row = evidence->document["load_latency"][0];
  EXPECT_EQ(row["part"], "mixed");
  EXPECT_EQ(row["count"], 3'983);
  EXPECT_EQ(row["beyond_histogram"], 0);
  EXPECT_EQ(row["min_ns"], json({18'000, 18'999}));
  EXPECT_EQ(row["max_ns"], json({5'695'000, 5'695'999}));
  EXPECT_EQ(row["p50_ns"][1].get<int>() - row["p50_ns"][0].get<int>(), 999);
  EXPECT_FALSE(judge_evidence(run_of(good_report()), sink_load())->document.contains("load_latency"));
}

TEST(Evidence, OfALoadThatMeasuredNothingIsNoProof) {
  EXPECT_EQ(problem_of(stress_report(recorded("cyclictest-no-cycle.json")), timer_load(1)),
            "load part mixed gave no proof that it ran: cyclictest's file says that thread 0 made no cycle");
  EXPECT_THAT(problem_of(stress_report(recorded("cyclictest.json")), timer_load(3'000)),
              HasSubstr("cycles a second; it requires 3000"));
  // cyclictest's min is in no bin that it filled.
  EXPECT_THAT(problem_of(stress_report(R"({"resolution_in_ns": 0, "thread": {"0":
                {"histogram": {"5": 3}, "cycles": 3, "min": 4, "max": 5}}})"),
                         timer_load(1)),
              HasSubstr("load part mixed's figures cannot be: a histogram's smallest latency"));
}

TEST(Evidence, FindsAKernelThatIsNotWhatItsFileSays) {
  Report report = good_report();
  report.checks[0].passed = false;
  report.checks[0].seen = "0";
  EXPECT_EQ(problem_of(report), "kernel check \"real-time\" failed: wanted 1, saw 0");
}

TEST(Evidence, FindsTuningThatDidNotTake) {
  Report report = good_report();
  report.tuning[0].ok = false;
  report.tuning[0].read_back = "950000";
  EXPECT_EQ(problem_of(report), "tuning /proc/sys/kernel/sched_rt_runtime_us reads back 950000, wanted -1");
}

TEST(Evidence, NamesTheThreadThatKeptItsPriorityByItsNumber) {
  Report report = good_report();
  report.tuning.push_back({"irq/46-stimulus", "fifo 85", "fifo 50", false, 63});
  EXPECT_EQ(problem_of(report), "tuning irq/46-stimulus (pid 63) reads back fifo 50, wanted fifo 85");
  Kernel kernel;
  kernel.threads = {{"irq/*-stimulus", "fifo", 85, true}};
  report.tuning_end = report.tuning;
  EXPECT_EQ(missing_evidence(report, kernel, ResponseWork()), "");
  report.tuning.pop_back();
  EXPECT_EQ(missing_evidence(report, kernel, ResponseWork()),
            "the agent did not read the threads irq/*-stimulus back");
}

TEST(Evidence, APayloadsThreadIsMissedWhereThereIsAPayload) {
  Kernel kernel;
  kernel.threads = {{"irq/*-stimulus", "fifo", 85, true, true}};
  EXPECT_EQ(missing_evidence(good_report(), kernel, ProgramsWork()), "");
  ResponseWork answered;
  answered.payload.command = {"/bin/responder"};
  EXPECT_EQ(missing_evidence(good_report(), kernel, answered),
            "the agent did not read the threads irq/*-stimulus back");
}

// A daemon, the load or a later tuning changed it back.
TEST(Evidence, FindsTuningThatWasUndoneWhileMeasuring) {
  Report report = good_report();
  report.tuning_end[0] = {"/proc/sys/kernel/sched_rt_runtime_us", "-1", "950000", false};
  const auto evidence = judge_evidence(run_of(report), sink_load());
  ASSERT_TRUE(evidence);
  EXPECT_EQ(
      evidence->problem,
      "tuning /proc/sys/kernel/sched_rt_runtime_us reads back 950000 when measuring was over, wanted -1");
  EXPECT_THAT(evidence->next_step, HasSubstr("changed it since"));
  EXPECT_EQ(evidence->document["report"]["tuning_end"][0]["read_back"], "950000");
  report.tuning_end = {{"irq/50-eth0", "fifo 40", "fifo 50", false, 90}};
  EXPECT_EQ(problem_of(report),
            "tuning irq/50-eth0 (pid 90) reads back fifo 50 when measuring was over, wanted fifo 40");
  report.tuning_end = {{"policy of the payload's thread responder", "fifo 80", "other", false, 91}};
  EXPECT_THAT(problem_of(report), HasSubstr("payload's thread responder (pid 91) reads back other"));
  report.tuning_end.clear();
  report.checks_end[0] = {"real-time", "1", "0", false};
  EXPECT_EQ(problem_of(report), "kernel check \"real-time\" failed when measuring was over: wanted 1, saw 0");
}

TEST(Evidence, OfTheEndIsMissedToo) {
  Report report = good_report();
  Kernel kernel;
  kernel.files = {{"/proc/sys/kernel/sched_rt_runtime_us", "-1", ""}};
  kernel.checks = {{"real-time", "/sys/kernel/realtime", "", "1", ""}};
  EXPECT_EQ(missing_evidence(report, kernel, ResponseWork()), "");
  report.checks_end.clear();
  EXPECT_EQ(missing_evidence(report, kernel, ResponseWork()),
            "the agent did not make the kernel check \"real-time\" when measuring was over");
  report = good_report();
  report.tuning_end.clear();
  EXPECT_EQ(missing_evidence(report, kernel, ResponseWork()),
            "the agent did not read /proc/sys/kernel/sched_rt_runtime_us back when measuring was over");
}

TEST(Evidence, FindsALoadOfWhichProcessesEndedWhileMeasuring) {
  Load load = sink_load();
  load.parts[0].min_processes = 3;
  Report report = good_report();
  report.parts[0].processes = 3;
  report.parts[0].processes_at_stop = 2;
  EXPECT_EQ(problem_of(report, load),
            "load part sink had 2 processes at the end of measuring; it requires 3");
  report.parts[0].processes_at_stop = 3;
  EXPECT_EQ(problem_of(report, load), "");
}

TEST(Evidence, FindsALoadThatDidNotSettle) {
  Load load = sink_load();
  load.settle_ms = 50;  // attested at 1,250.5 ms and ready at 1,301 ms
  EXPECT_EQ(problem_of(good_report(), load), "");
  load.settle_ms = 51;
  EXPECT_EQ(problem_of(good_report(), load),
            "the load ran for 50.5 ms before measuring began; settle_ms is 51");
}

TEST(Evidence, FindsAProgramWithoutThePriorityThatItsCommandAsksFor) {
  const std::vector<std::string> command = {"/bin/responder", "--priority", "80", "--chip", "x"};
  const auto other = [&](const char* printed) { return other_priority(command, json::parse(printed)); };
  EXPECT_EQ(other(R"({"priority_read_back": 80})"), "");
  EXPECT_EQ(other(R"({"priority_read_back": 0})"),
            "had the real-time priority 0 at its end; its command asks for 80");
  EXPECT_NE(other(R"({"priority_read_back": null})"), "");
  EXPECT_NE(other(R"({"priority_read_back": "80"})"), "");
  EXPECT_EQ(other(R"({"events": 8})"), "") << "a payload need not say it";
  EXPECT_EQ(other("[80]"), "");
  EXPECT_EQ(other_priority({"/bin/responder"}, json::parse(R"({"priority_read_back": 0})")), "");
  EXPECT_EQ(other_priority({"/bin/x", "--priority"}, json::parse(R"({"priority_read_back": 0})")), "");
}

TEST(Evidence, FindsALoadWithoutThePriorityThatItsFileAsksFor) {
  Load load = sink_load();
  load.parts[0].arguments = {"/bin/rt_busy", "--priority", "60"};
  Report report = good_report();
  report.parts[0].output = R"({"interrupts": 50000, "seconds": 2.0, "priority_read_back": 1})";
  EXPECT_EQ(problem_of(report, load),
            "load part sink had the real-time priority 1 at its end; its command asks for 60");
  report.parts[0].output = R"({"interrupts": 50000, "seconds": 2.0, "priority_read_back": 60})";
  EXPECT_EQ(problem_of(report, load), "");
}

TEST(Evidence, CountsTheCpusThatTheBoardsFileNames) {
  Board board;
  board.name = "pi";
  board.cpus = 2;
  EXPECT_EQ(missing_cpus(good_report(), board), "");
  board.cpus = 4;
  EXPECT_EQ(missing_cpus(good_report(), board), "board pi has 4 CPUs by its file, and the kernel ran on 2");
  Report report = good_report();
  report.interrupts_start.clear();
  EXPECT_NE(missing_cpus(report, board), "") << "what nobody knows is no proof";
}

TEST(Evidence, TellsWhyTheAgentFailed) {
  Report report = good_report();
  report.failure = Failure{"payload", "/bin/responder", "the payload was killed by signal 6"};
  report.parts.clear();
  MachineRun run = run_of(report);
  run.agent_failed = true;
  const auto evidence = judge_evidence(run, sink_load());
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "payload /bin/responder: the payload was killed by signal 6");
}

// The name may be empty (protocol/report.h).
TEST(Evidence, TellsWhyTheAgentFailedWithoutAName) {
  Report report = good_report();
  report.failure = Failure{"agent", "", "the job is no JSON"};
  MachineRun run = run_of(report);
  run.agent_failed = true;
  EXPECT_EQ(judge_evidence(run, sink_load())->problem, "agent: the job is no JSON");
}

TEST(Evidence, OfAFailedAgentIsAProblemEvenWithoutAReason) {
  MachineRun run = run_of(good_report());
  run.agent_failed = true;
  EXPECT_NE(judge_evidence(run, sink_load())->problem, "");
}

TEST(Evidence, RefusesAReportThatCannotBeRead) {
  const std::string whole = to_json(good_report());
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("null"),
        std::string("{}"), std::string(R"({"format":2})"), std::string("{\"format\":1,\"a\":\"\xff\"}")}) {
    MachineRun run;
    run.report = text;
    const auto evidence = judge_evidence(run, sink_load());
    ASSERT_FALSE(evidence) << text;
    EXPECT_EQ(evidence.error().kind, ErrorKind::data);
    EXPECT_THAT(evidence.error().what, ::testing::StartsWith("the agent's report: "));
  }
}

// The guest is not believed: whatever stands where, it is refused by the key.
TEST(Evidence, RefusesValuesOfAnotherType) {
  const json whole = json::parse(to_json(good_report()));
  for (const auto& [key, value] : whole.items()) {
    for (const json& odd :
         {json(3), json("x"), json::array({1, "x", nullptr}), json::object({{"parts", 3}})}) {
      if (value.is_string() && odd.is_string() && key != "state") continue;
      MachineRun run;
      json report = whole;
      report[key] = odd;
      run.report = report.dump();
      const auto evidence = judge_evidence(run, sink_load());
      ASSERT_FALSE(evidence) << key << " = " << odd;
      EXPECT_THAT(evidence.error().what, HasSubstr(key)) << odd;
    }
  }
}

TEST(Evidence, KeepsNothingOfAPayloadThatPrintedNoJson) {
  const auto evidence = judge_evidence(run_of(report_of_payload("killed")), sink_load());
  ASSERT_TRUE(evidence);
  EXPECT_TRUE(evidence->document["payload"].is_null());
}

TEST(PayloadChecks, HoldOrAreNamed) {
  const nlohmann::json printed = {{"minor_faults", 0},
                                  {"swaps", {{{"accepted", true}, {"reason", "its SHA-256 is"}}}}};
  const auto problem = [&](const PayloadCheck& check) {
    nlohmann::json document = {{"payload", printed}};
    const std::string first = check_payload({check}, &document);
    EXPECT_EQ(document["payload_checks"][0]["passed"], first.empty());
    return first;
  };
  EXPECT_EQ(problem({"faults", "/minor_faults", "0", ""}), "");
  EXPECT_EQ(problem({"taken", "/swaps/0/accepted", "true", ""}), "");
  EXPECT_EQ(problem({"why", "/swaps/0/reason", "", "SHA-256"}), "");
  EXPECT_EQ(problem({"faults", "/minor_faults", "1", ""}),
            "payload check \"faults\" failed: /minor_faults is 0, wanted 1");
  for (const char* nowhere : {"/swaps/1/accepted", "/swaps/x", "/none/0", "/minor_faults/0", "/~"})
    EXPECT_THAT(problem({"n", nowhere, "true", ""}), ::testing::HasSubstr(" is missing, wanted true"))
        << nowhere;
}

TEST(PayloadChecks, FailOnAPayloadThatPrintedNothing) {
  nlohmann::json document = {{"payload", nullptr}};
  EXPECT_NE(check_payload({{"n", "/a", "0", ""}}, &document), "");
  EXPECT_EQ(check_payload({}, &document), "");
}

}  // namespace
}  // namespace loopgate::evidence_test
