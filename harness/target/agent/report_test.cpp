#include "target/agent/report.h"

#include <gmock/gmock.h>
#include <sched.h>

#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

using nlohmann::json;

TEST(ReportJson, SaysAll) {
  Report report;
  report.timing.job_read = std::chrono::milliseconds(1600);
  report.timing.attested = std::chrono::milliseconds(1700);
  report.timing.stopped = std::chrono::milliseconds(2700);
  report.kernel.realtime = true;
  ProcessStat thread;
  thread.name = "irq/18-stimulus";
  thread.pid = 144;
  thread.policy = SCHED_FIFO;
  thread.rt_priority = 85;
  report.threads = {thread};
  report.parts = {{"fork", false, "exited 0", {3, 7'500'000}, 12'000'000, "text", "", "metrics"}};
  report.payload = PayloadReport{"exited 0",
                                 "{\"events\":1}\n",
                                 "",
                                 std::chrono::microseconds(5500),
                                 {{"/bin/responder", 0x10000, 0x2f000, 0x1000}}};
  const json document = json::parse(to_json(report));
  EXPECT_EQ(document["format"], 1);
  EXPECT_EQ(document["state"], "reported");
  EXPECT_EQ(document["failure"], nullptr);
  EXPECT_EQ(document["kernel"]["realtime"], 1);
  EXPECT_EQ(document["threads"][0],
            json::parse(R"({"name":"irq/18-stimulus","pid":144,"policy":"fifo","priority":85})"));
  EXPECT_EQ(document["load"]["window_ns"], 1'000'000'000);
  const json& part = document["load"]["parts"][0];
  EXPECT_EQ(part["attested"], json::parse(R"({"processes":3,"cpu_ms":7.5})"));
  EXPECT_EQ(part["cpu_ms_in_window"], 12.0);
  EXPECT_EQ(part["output"], "metrics");
  EXPECT_EQ(document["payload"]["ready_after_ms"], 5.5);
  EXPECT_EQ(document["payload"]["code"],
            json::parse(R"([{"file":"/bin/responder","begin":65536,"end":192512,"offset":4096}])"));
}

TEST(ReportJson, CarriesTheInstrumentsWord) {
  Report report;
  report.instrument = InstrumentReport{
      "exited 0",
      R"({"passed":true})",
      "exited 0",
      "no JSON",
      "",
      {{"/run/a", "M"}, {"/run/b", "Ma"}, {"/run/c", "Man"}, {"/run/d", std::string("\0\xff", 2)}}};
  const json instrument = json::parse(to_json(report))["instrument"];
  EXPECT_EQ(instrument["check"]["passed"], true);
  EXPECT_EQ(instrument["end"], nullptr);
  EXPECT_EQ(instrument["exit"], "exited 0");
  EXPECT_EQ(instrument["files"],
            json::parse(R"({"/run/a":"TQ==","/run/b":"TWE=","/run/c":"TWFu","/run/d":"AP8="})"));
  report.instrument->exit.clear();
  EXPECT_EQ(json::parse(to_json(report))["instrument"]["exit"], nullptr);
  report.instrument.reset();
  EXPECT_EQ(json::parse(to_json(report))["instrument"], nullptr);
}

TEST(ReportJson, SaysWhatFailed) {
  Report report;
  report.failure = Failure{"load", "fork", "it ended"};
  const json document = json::parse(to_json(report));
  EXPECT_EQ(document["state"], "failed");
  EXPECT_EQ(document["failure"], json::parse(R"({"part":"load","name":"fork","what":"it ended"})"));
  EXPECT_EQ(document["payload"], nullptr);
  EXPECT_EQ(document["load"]["window_ns"], 0);
  EXPECT_EQ(document["kernel"]["realtime"], nullptr);
}

TEST(ReportJson, BytesThatAreNoTextDoNotBreakIt) {
  Report report;
  report.interrupts_end = "\xff\xfe ok";
  const json document = json::parse(to_json(report));
  EXPECT_THAT(document["interrupts_end"].get<std::string>(), ::testing::EndsWith(" ok"));
}

TEST(KernelFacts, AreThoseOfThisMachine) {
  const KernelFacts facts = read_kernel_facts();
  EXPECT_FALSE(facts.release.empty());
  EXPECT_FALSE(facts.machine.empty());
}

}  // namespace
}  // namespace loopgate
