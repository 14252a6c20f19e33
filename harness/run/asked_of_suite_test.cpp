#include "run/asked_of_suite.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/json.h"
#include "run/evidence.h"
#include "run/testing/fake_machine.h"

namespace loopgate::asked_of_suite_test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

std::vector<std::string> lines_of(const std::vector<AskedFor>& rows) {
  std::vector<std::string> lines;
  for (const AskedFor& row : rows)
    lines.push_back(fmt::format("{} {}: {}: {}", row.kind, row.asked, name_of(row.became), row.read_back));
  return lines;
}

Payload payload() {
  Payload payload;
  payload.files = {{"model", "/m/scratch.onnx", "aa"}, {"damaged", "/m/damaged.onnx", "bb"}};
  payload.checks = {{"no page fault", "/minor_faults", "0", ""}};
  return payload;
}

std::vector<std::string> told(const std::vector<std::string>& command, const std::string& printed,
                              const Report& report = good_report()) {
  json document = {{"payload", parse_json(printed)}};
  check_payload(payload().checks, &document);
  return lines_of(asked_of_payload(payload(), command, report, document));
}

TEST(AskedOfPayload, HasARowForEachOptionFileAndCheck) {
  EXPECT_THAT(
      told({"/bin/inspect", "--chip", "gpio", "--priority", "80"},
           R"({"priority_read_back": 80, "degraded": false, "model": {"sha256": "aa"}, "minor_faults": 3})"),
      ElementsAre("payload's option --chip gpio: not told: ", "payload's option --priority 80: in effect: 80",
                  "payload's file model = scratch.onnx, sha256 aa: in effect: sha256 aa",
                  "payload's file damaged = damaged.onnx, sha256 bb: not told: ",
                  "payload real-time priority and locked memory: in effect: it was not degraded",
                  "payload's check no page fault: /minor_faults 0: not in effect: 3"));
}

TEST(AskedOfPayload, ThatHadOtherThingsIsToldSo) {
  const auto lines = told({"/bin/inspect", "--priority", "80"},
                          R"({"priority_read_back": 1, "degraded": true, "model": {"sha256": "cc"}})");
  EXPECT_EQ(lines.at(0), "payload's option --priority 80: not in effect: 1");
  EXPECT_EQ(lines.at(1), "payload's file model = scratch.onnx, sha256 aa: not in effect: sha256 cc");
  EXPECT_EQ(lines.at(3), "payload real-time priority and locked memory: not in effect: it ran degraded");
  EXPECT_EQ(told({}, R"({"model": {"sha256": "bb"}})").at(0),
            "payload's file model = scratch.onnx, sha256 aa: not told: sha256 bb")
      << "it took another of its files in its place";
}

TEST(AskedOfPayload, ThatSaysNothingIsBelievedNothing) {
  for (const char* printed :
       {"", "[]", "{}", R"({"degraded": "no", "model": "aa"})", R"({"model": {"sha256": 7}})"}) {
    const auto lines = told({"/bin/true", "--priority", "80"}, printed);
    EXPECT_EQ(lines.size(), 4U) << printed;
    EXPECT_EQ(lines.at(0), "payload's option --priority 80: not told: ") << printed;
    EXPECT_EQ(lines.at(1), "payload's file model = scratch.onnx, sha256 aa: not told: ") << printed;
  }
  Report seen = good_report();
  seen.tuning_end.push_back({"policy of the payload's thread worker", "fifo 80", "fifo 80", true, 90});
  EXPECT_EQ(told({"/bin/true", "--priority", "80"}, "{}", seen).at(0),
            "payload's option --priority 80: in effect: its thread worker: fifo 80");
}

TEST(AskedOfBoard, HasItsCpusAndThePayloads) {
  Board board = made_up_plan_of_a_board().board;
  Report report = good_report();
  EXPECT_THAT(lines_of(asked_of_board(board, report, Outcome())),
              ElementsAre("CPUs 2 online: in effect: 2",
                          "line stimulus on chip 0: not told: ", "CPUs the payload on 1: not told: "));
  report.tuning.push_back({"CPUs of the payload", "1", "1", true});
  EXPECT_EQ(lines_of(asked_of_board(board, report, Outcome())).at(2), "CPUs the payload on 1: in effect: 1");
  report.tuning_end.push_back({"CPUs of the payload", "1", "0,1", false});
  board.cpus = 4;
  report.interrupts_start += " 18:      10097          0     chip   0 Edge      stimulus\n";
  EXPECT_THAT(lines_of(asked_of_board(board, report, Outcome())),
              ElementsAre("CPUs 4 online: not in effect: 2", "line stimulus on chip 0: in effect: chip 0",
                          "CPUs the payload on 1: not in effect: 0,1"));
  board.lines.stimulus = 7;
  EXPECT_EQ(lines_of(asked_of_board(board, report, Outcome())).at(1),
            "line stimulus on chip 7: not told: chip 0");
  EXPECT_EQ(lines_of(asked_of_board(board, Report(), Outcome())).at(0), "CPUs 4 online: not told: ");
}

TEST(AskedOfBoard, HasTheTurnsOfAVirtualBoardsCpus) {
  Board board = made_up_plan().board;
  board.cpus = 2;
  std::get<QemuBoard>(board.kind).slice_ns = 200;
  Outcome outcome;
  const auto turns = [&] { return lines_of(asked_of_board(board, good_report(), outcome)).back(); };
  EXPECT_EQ(turns(), "CPUs in turns of 200 ns: not told: ");
  outcome.longest_turn_ns = 200;
  EXPECT_EQ(turns(), "CPUs in turns of 200 ns: in effect: the longest took 200 ns");
  outcome.longest_turn_ns = 2'000;
  EXPECT_EQ(turns(), "CPUs in turns of 200 ns: not in effect: the longest took 2000 ns");
}

TEST(AskedOfSchedule, SaysHowFarItWasKept) {
  PulseSettings pulses;
  pulses.seed = 7;
  pulses.interval_min_ns = 600'000;
  pulses.interval_max_ns = 1'400'000;
  pulses.self_checks = 8;
  pulses.warm_up = 100;
  pulses.counted = 10'000;
  Outcome outcome;
  outcome.records = 10'108;
  outcome.self_check_passed = true;
  StimuliFindings findings;
  for (const AskedFor& row : asked_of_schedule(pulses, findings, outcome))
    EXPECT_EQ(row.became, AskedState::not_told) << row.asked;
  findings.schedule_kept = true;
  SampleCounts& counts = findings.figures.emplace().measured.counts;
  counts.scheduled = 10'000;
  counts.not_sent = 12;
  EXPECT_THAT(
      lines_of(asked_of_schedule(pulses, findings, outcome)),
      ElementsAre(
          "schedule 10,000 stimuli, after 8 self-checks and 100 to warm up: in effect: 10,108 records",
          "schedule a stimulus each 600 to 1400 us, from seed 7: in effect: each fell due to the nanosecond",
          "schedule 8 self-checks of known delays: in effect: all passed",
          "schedule each stimulus sent when it fell due: not in effect: 12 of 10,000 were not sent, since "
          "the "
          "one before was pending"));
  counts.not_sent = 0;
  EXPECT_EQ(lines_of(asked_of_schedule(pulses, findings, outcome)).at(3),
            "schedule each stimulus sent when it fell due: in effect: all 10,000");
  findings.schedule_kept = false;
  outcome.records = 10'000;
  const auto off = asked_of_schedule(pulses, findings, outcome);
  EXPECT_EQ(off.at(0).became, AskedState::not_in_effect);
  EXPECT_EQ(off.at(1).became, AskedState::not_in_effect);
}

}  // namespace
}  // namespace loopgate::asked_of_suite_test
