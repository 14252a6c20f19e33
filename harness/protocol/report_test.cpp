#include "protocol/report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace loopgate::report_test {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;

// Every field has a value of its own, none its default.
Report full_report() {
  Report report;
  report.failure = Failure{"load", "fork", "it ended"};
  report.timing = {nanoseconds(1'204'100'001), nanoseconds(1'250'500'003), nanoseconds(1'301'000'007),
                   nanoseconds(3'250'500'013)};
  report.kernel = {"6.12.117", "#1 SMP PREEMPT_RT", "aarch64", "console=ttyAMA0", true};
  report.checks = {{"real-time", "1", "0", true}, {"threads", "contains threadirqs", "quiet", false}};
  report.tuning = {{"/proc/sys/kernel/sched_rt_runtime_us", "-1", "950000", true},
                   {"irq/45-stimulus", "fifo 85", "fifo 50", false, 83}};
  report.threads = {{"irq/45-stimulus", 83, "fifo", 85}, {"ksoftirqd/0", 16, "other", -1}};
  report.checks_end = {{"real-time", "1", "2", false}};
  report.tuning_end = {{"irq/45-stimulus", "fifo 85", "fifo 51", true, 84}};
  report.interrupts_start = "  CPU0\n 18: 7 storm\n";
  report.interrupts_end = "  CPU0\n 18: 8 storm\n";
  report.parts = {
      {"fork", true, "killed by signal 9", 3, 7'500'001, 12'000'003, 5, "out", "err", "metrics", "0,2"},
      {"sink", false, "exited 0", 1, 1, 2, 4, "{}\n", "", std::nullopt}};
  report.payload = PayloadReport{"exited 0",
                                 "{\"events\":1}\n",
                                 "warning",
                                 nanoseconds(5'500'009),
                                 {{"/bin/responder", 0x10000, 0xffff'ffff'ffff'0000, 0x1000}}};
  report.programs = {
      {"cyclictest", "", "exited 0", true, true, true, nanoseconds(1'310'000'001), nanoseconds(3'310'000'003),
       "T: 0\n", "warning", "{}"},
      {"rtla-timerlat", "the kernel has no tracer timerlat", "", false, false, false, {}, {}, "", "", {}}};
  report.instrument =
      InstrumentReport{"exited 0", R"({"passed":true,"pulses":[1,2]})",
                       "exited 3", R"({"event":"measured"})",
                       "a line",   {{"/run/samples.lgs", std::string("\0\xff\n", 3)}, {"/run/empty", ""}}};
  return report;
}

void expect_same(const Report& report) {
  const std::string text = to_json(report);
  const auto read = parse_report(text);
  ASSERT_TRUE(read) << read.error().what << "\n" << text;
  EXPECT_EQ(*read, report) << text;
  EXPECT_EQ(to_json(*read), text);
}

std::string refusal(const json& report) {
  const auto read = parse_report(report.dump());
  return read ? "accepted" : read.error().what;
}

TEST(Report, IsReadAsItWasWritten) {
  expect_same(full_report());
  expect_same(Report());
  Report report = full_report();
  report.failure.reset();
  report.kernel.realtime = false;
  expect_same(report);
  report.probe = ProbeReport{"exited 0", R"({"events":3})", "warning", std::string("\0\xff", 2)};
  expect_same(report);
  report.probe->trace = "\x17\x08";
  expect_same(report);
  report.kernel.realtime.reset();
  report.instrument->exit.clear();
  report.instrument->check.clear();
  report.timing.attested.reset();
  expect_same(report);
}

// The nanoseconds pass through milliseconds of floating point.
TEST(Report, KeepsEveryNanosecond) {
  for (std::int64_t ns = 1; ns < 1'000'000'000'000'000; ns = ns * 3 + 1) {
    Report report;
    report.timing.attested = nanoseconds(ns);
    report.timing.stopped = nanoseconds(ns * 2 + 1);
    expect_same(report);
  }
}

TEST(Report, HasTheFormThatEvidenceFilesKeep) {
  const json document = json::parse(to_json(full_report()));
  EXPECT_EQ(document["format"], 1);
  EXPECT_EQ(document["state"], "failed");
  EXPECT_EQ(document["kernel"]["realtime"], 1);
  EXPECT_EQ(document["threads"][0],
            json::parse(R"({"name":"irq/45-stimulus","pid":83,"policy":"fifo","priority":85})"));
  EXPECT_EQ(document["load"]["window_ns"], 2'000'000'010);
  const json& part = document["load"]["parts"][0];
  EXPECT_EQ(part["attested"], json::parse(R"({"processes":3,"cpu_ms":7.500001})"));
  EXPECT_EQ(part["cpu_ms_in_window"], 12.000003);
  EXPECT_EQ(part["processes_at_stop"], 5);
  EXPECT_EQ(part["output"], "metrics");
  EXPECT_EQ(document["payload"]["ready_after_ms"], 5.500009);
  EXPECT_EQ(document["payload"]["code"][0]["begin"], 65'536);
  EXPECT_EQ(document["instrument"]["check"]["passed"], true);
  EXPECT_EQ(document["instrument"]["files"]["/run/samples.lgs"], "AP8K");
}

TEST(Report, HoldsNothingOfWhatWasNoJson) {
  Report report;
  report.instrument = InstrumentReport{"exited 0", "no JSON", "exited 0", "{\"event\":", "", {}};
  const auto read = parse_report(to_json(report));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->instrument->check, "");
  EXPECT_EQ(read->instrument->end, "");
}

TEST(Report, ReplacesBytesThatAreNoText) {
  Report report;
  report.payload = PayloadReport{"exited 0",
                                 "a\xff"
                                 "b",
                                 "",
                                 {},
                                 {}};
  EXPECT_EQ(parse_report(to_json(report))->payload->output,
            "a\xef\xbf\xbd"
            "b");
}

TEST(Report, EveryTruncationIsRefused) {
  const std::string whole = to_json(full_report());
  for (std::size_t length = 0; length < whole.size(); length += 7)
    ASSERT_FALSE(parse_report(std::string_view(whole).substr(0, length))) << length;
}

// Of each object in the report, each key in turn.
void refuse_without_any(const json& whole, const json::json_pointer& place) {
  for (const auto& [key, value] : whole.at(place).items()) {
    if (place.to_string() == "/instrument/files" || place.to_string().starts_with("/instrument/check") ||
        place.to_string().starts_with("/instrument/end"))
      return;
    json report = whole;
    report.at(place).erase(key);
    EXPECT_THAT(refusal(report), ::testing::EndsWith(key + " is missing")) << place / key;
    report = whole;
    report.at(place)["surprise"] = 1;
    EXPECT_THAT(refusal(report), ::testing::EndsWith("surprise is an unknown key")) << place;
    if (value.is_object()) refuse_without_any(whole, place / key);
    if (value.is_array() && !value.empty() && value[0].is_object())
      refuse_without_any(whole, place / key / 0);
  }
}

TEST(Report, EveryMissingAndEveryUnknownKeyIsRefusedByName) {
  refuse_without_any(json::parse(to_json(full_report())), json::json_pointer());
  json report = json::parse(to_json(full_report()));
  report["load"]["parts"][1]["surprise"] = 1;
  EXPECT_EQ(refusal(report), "the agent's report: load.parts[1].surprise is an unknown key");
}

TEST(Report, EveryWrongTypeIsRefused) {
  const json whole = json::parse(to_json(full_report()));
  const json flat = whole.flatten();
  for (const auto& [key, value] : flat.items()) {
    if (key.starts_with("/instrument/check/") || key.starts_with("/instrument/end/") || value.is_null())
      continue;
    json report = whole;
    report[json::json_pointer(key)] = value.is_string() ? json(17) : json("seventeen");
    EXPECT_NE(refusal(report), "accepted") << key;
    report[json::json_pointer(key)] = json::array({json::object()});
    EXPECT_NE(refusal(report), "accepted") << key;
  }
}

TEST(Report, WhatContradictsItselfIsRefused) {
  const auto with = [](const char* where, const json& value) {
    json report = json::parse(to_json(full_report()));
    report[json::json_pointer(where)] = value;
    return refusal(report);
  };
  EXPECT_EQ(with("/format", 2), "the agent's report: format is 2, and only 1 is known");
  EXPECT_EQ(with("/state", "reported"), "the agent's report: state contradicts failure");
  EXPECT_EQ(with("/load/window_ns", 5), "the agent's report: load.window_ns contradicts timing");
  EXPECT_EQ(with("/timing/ready_ms", -1.0), "the agent's report: timing.ready_ms is out of bounds");
  EXPECT_EQ(with("/timing/ready_ms", 1e300), "the agent's report: timing.ready_ms is out of bounds");
  EXPECT_EQ(with("/kernel/realtime", 2), "the agent's report: kernel.realtime must be 0, 1 or null");
  EXPECT_EQ(with("/instrument/files/~1run~1empty", "x"),
            "the agent's report: instrument.files./run/empty is not base64");
}

}  // namespace
}  // namespace loopgate::report_test
