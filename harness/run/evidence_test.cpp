#include "run/evidence.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"
#include "run/testing/fake_machine.h"

namespace loopgate {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string recorded(const std::string& name) {
  const std::string text = text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/" + name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

Load sink_load() { return made_up_plan().loads[0]; }

Load stress_load(std::map<std::string, double> rates) {
  Load load = sink_load();
  load.parts[0].name = "mixed";
  load.parts[0].program = "stress_ng";
  load.parts[0].min_per_second = std::move(rates);
  return load;
}

json stress_report(const json& output) {
  json report = good_report();
  report["load"]["parts"][0]["name"] = "mixed";
  report["load"]["parts"][0]["output"] = output;
  return report;
}

MachineRun run_of(const json& report) {
  MachineRun run;
  run.report = report.dump();
  run.end.storm_pulses = 50'000;
  return run;
}

std::string problem_of(const json& report, const Load& load = sink_load()) {
  const auto evidence = judge_evidence(run_of(report), load);
  EXPECT_TRUE(evidence) << evidence.error().what;
  return evidence ? evidence->problem : evidence.error().what;
}

TEST(Evidence, OfAGoodRunHasNoProblemAndKeepsWhatWasSeen) {
  const auto evidence = judge_evidence(run_of(good_report()), sink_load());
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "");
  const json& document = evidence->document;
  EXPECT_EQ(document["format"], 1);
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

TEST(Evidence, FindsALoadThatDeliveredLess) {
  json report = good_report();
  report["load"]["parts"][0]["stdout"] = R"({"interrupts": 30000, "seconds": 2.0})";
  const auto evidence = judge_evidence(run_of(report), sink_load());
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "load part sink delivered 15000 interrupts a second, and 20000 are wanted");
  EXPECT_THAT(evidence->next_step, HasSubstr("evidence.json"));
  EXPECT_EQ(evidence->document["load"][0]["ok"], false);
}

TEST(Evidence, JudgesStressNgByItsMetrics) {
  const Load load = stress_load({{"cpu", 1}, {"fork", 10}, {"sock", 10}});
  EXPECT_EQ(problem_of(stress_report(recorded("stress-ng-metrics.yaml")), load), "");
  EXPECT_EQ(problem_of(stress_report(nullptr), load),
            "load part mixed gave no proof that it ran: stress-ng wrote no metrics");
  EXPECT_EQ(problem_of(stress_report(recorded("stress-ng-metrics.yaml")), stress_load({{"dentry", 1}})),
            "load part mixed delivered 0 dentry a second, and 1 are wanted");
}

TEST(Evidence, FindsAStressorThatDidNothing) {
  const Load load = stress_load({{"sock", 10}});
  json report = stress_report(recorded("stress-ng-metrics-sock-at-zero.yaml"));
  EXPECT_THAT(problem_of(report, load), HasSubstr("load part mixed gave no proof that it ran: stressor "));
  report["load"]["window_ns"] = 1'000'000'000;
  EXPECT_EQ(problem_of(report, load), "load part mixed delivered 0 sock a second, and 10 are wanted");
}

TEST(Evidence, FindsALoadWithoutProof) {
  for (const char* printed :
       {"", "done", "[]", "null", "{}", R"({"interrupts": 50000})", R"({"interrupts":1,"seconds":0})",
        R"({"interrupts": 50000, "seconds": "2"})", R"({"interrupts": 500)"}) {
    json report = good_report();
    report["load"]["parts"][0]["stdout"] = printed;
    EXPECT_THAT(problem_of(report), HasSubstr("load part sink gave no proof that it ran")) << printed;
  }
  json other = good_report();
  other["load"]["parts"][0]["stdout"] = R"({"seconds": 2.0})";
  EXPECT_THAT(problem_of(other), HasSubstr("load part sink delivered 0 interrupts a second"));
}

TEST(Evidence, FindsALoadThatDied) {
  json report = good_report();
  report["load"]["parts"][0]["died_early"] = true;
  report["load"]["parts"][0]["exit"] = "killed by signal 9";
  EXPECT_EQ(problem_of(report), "load part sink died while measuring (killed by signal 9)");
}

TEST(Evidence, FindsAPartThatIsNotReported) {
  json report = good_report();
  report["load"]["parts"] = json::array();
  EXPECT_EQ(problem_of(report), "load part sink is not in the agent's report");
  report.erase("load");
  EXPECT_EQ(problem_of(report), "load part sink is not in the agent's report");
  report["load"] = "none";
  EXPECT_EQ(problem_of(report), "load part sink is not in the agent's report");
}

// Two seconds of it, as /proc/interrupts tells of the line.
json storm_report(int before, int after) {
  const auto table = [](int count) {
    return fmt::format(
        "           CPU0\n 18:  7 9030000.pl061  0 Edge  stimulus\n"
        " 19:  {} 9030000.pl061  2 Edge  storm\n",
        count);
  };
  json report = good_report();
  report["timing"]["ready_ms"] = 1000.0;
  report["timing"]["stopped_ms"] = 3000.0;
  report["interrupts_start"] = table(before);
  report["interrupts_end"] = table(after);
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
      "the kernel handled 15000 interrupts of the storm a second of 25000 that the instrument made, and "
      "20000 are wanted";
  EXPECT_EQ(problem_of(storm_report(500, 30'500), storm_load()), few);
  EXPECT_THAT(problem_of(storm_report(500, 500), storm_load()), HasSubstr("handled 0 interrupts"));
  EXPECT_THAT(problem_of(storm_report(500, 3), storm_load()), HasSubstr("handled 0 interrupts"));
  json report = storm_report(500, 50'500);
  report["timing"]["stopped_ms"] = 1000.0;
  EXPECT_THAT(problem_of(report, storm_load()), HasSubstr("handled 0 interrupts"));
}

TEST(Evidence, FindsAStormThatNobodyTookIn) {
  Load load = storm_load();
  load.parts.clear();
  json report = storm_report(500, 50'500);
  report["interrupts_end"] = "           CPU0\n 18:  7 9030000.pl061  0 Edge  stimulus\n";
  const auto evidence = judge_evidence(run_of(report), load);
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "nobody took the storm in: /proc/interrupts has no \"storm\"");
  EXPECT_THAT(evidence->next_step, HasSubstr("{storm}"));
  EXPECT_EQ(evidence->document["load"][0]["ok"], false);
}

TEST(Evidence, FindsAKernelThatIsNotWhatItsFileSays) {
  json report = good_report();
  report["checks"][0]["passed"] = false;
  report["checks"][0]["seen"] = "0";
  EXPECT_EQ(problem_of(report), "kernel check \"real-time\" failed: wanted 1, saw 0");
  report["checks"][0].erase("passed");
  EXPECT_THAT(problem_of(report), HasSubstr("kernel check \"real-time\" failed")) << "missing is no pass";
}

TEST(Evidence, FindsTuningThatDidNotTake) {
  json report = good_report();
  report["tuning"][0]["ok"] = false;
  report["tuning"][0]["read_back"] = "950000";
  EXPECT_EQ(problem_of(report), "tuning /proc/sys/kernel/sched_rt_runtime_us reads back 950000, wanted -1");
}

TEST(Evidence, TellsWhyTheAgentFailed) {
  json report = good_report();
  report["state"] = "failed";
  report["failure"] = {
      {"part", "payload"}, {"name", "/bin/responder"}, {"what", "the payload was killed by signal 6"}};
  report["load"]["parts"] = json::array();
  MachineRun run = run_of(report);
  run.agent_failed = true;
  const auto evidence = judge_evidence(run, sink_load());
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->problem, "payload /bin/responder: the payload was killed by signal 6");
}

// The name may be empty (harness/target/agent/report.h).
TEST(Evidence, TellsWhyTheAgentFailedWithoutAName) {
  json report = good_report();
  report["failure"] = {{"part", "agent"}, {"name", ""}, {"what", "the job is no JSON"}};
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
  const std::string whole = good_report().dump();
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("null"),
        std::string("{}"), std::string(R"({"format":2})"), std::string("{\"format\":1,\"a\":\"\xff\"}")}) {
    MachineRun run;
    run.report = text;
    const auto evidence = judge_evidence(run, sink_load());
    ASSERT_FALSE(evidence) << text;
    EXPECT_EQ(evidence.error().kind, ErrorKind::data);
    EXPECT_EQ(evidence.error().what, "the agent's report cannot be read");
  }
}

// The guest is not believed: whatever stands where, it is read as far as it goes.
TEST(Evidence, StandsValuesOfAnyType) {
  const json whole = good_report();
  for (const auto& [key, value] : whole.items()) {
    if (key == "format") continue;
    for (const json& odd :
         {json(nullptr), json(3), json("x"), json::array({1, "x", nullptr}), json::object({{"parts", 3}})}) {
      json report = whole;
      report[key] = odd;
      EXPECT_TRUE(judge_evidence(run_of(report), sink_load())) << key << " = " << odd;
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
}  // namespace loopgate
