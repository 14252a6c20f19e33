#include "target/probe/findings.h"

#include <gmock/gmock.h>

#include <cstring>
#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

using nlohmann::json;

Findings found() {
  Findings findings;
  findings.irq = 18;
  findings.events = 3;
  findings.stimuli = 5;
  findings.unfinished = 1;
  findings.lost = 1;
  findings.costed = 2;
  findings.costs = {{"on_switch", 40, 800}, {"on_set", 2, 1'001}};
  return findings;
}

ProbeSlice slice(const char* name, std::int64_t ns) {
  ProbeSlice made{ns, 7, 120, {}};
  std::strncpy(made.name, name, sizeof(made.name) - 1);
  return made;
}

TEST(Findings, CostIsWhatTheFunctionsTookByStimulus) {
  EXPECT_EQ(cost_ns(found()), 900);
  EXPECT_EQ(cost_ns(Findings()), -1);
  EXPECT_EQ(json::parse(to_json(Findings())).at("cost_ns"), nullptr);
}

TEST(Findings, FileHasHeaderAndRecords) {
  const std::vector<ProbeRecord> records(2);
  const std::string bytes = file_of(found(), {100, 200, 62'500'000}, records);
  ASSERT_EQ(bytes.size(), sizeof(ProbeHeader) + 2 * sizeof(ProbeRecord));
  ProbeHeader header{};
  std::memcpy(&header, bytes.data(), sizeof(header));
  EXPECT_EQ(header.magic, probe_magic);
  EXPECT_EQ(header.written, 2U);
  EXPECT_EQ(header.stimuli, 5U);
  EXPECT_EQ(header.lost, 1U);
  EXPECT_EQ(header.cost_ns, 900);
  EXPECT_EQ(header.counter, 200U);
}

TEST(Findings, TellWhatIsTraced) {
  Findings findings = found();
  findings.transport = ProbeTransport::ftrace;
  ProbeRecord longest{};
  longest.number = 4;
  longest.taken_ns = 1'000;
  longest.answer_ns = 9'000;
  findings.traced = {{longest, 3, true}};
  const std::string bytes = file_of(findings, {}, std::vector<ProbeRecord>(2));
  ASSERT_EQ(bytes.size(), sizeof(ProbeHeader) + 3 * sizeof(ProbeRecord));
  ProbeHeader header{};
  std::memcpy(&header, bytes.data(), sizeof(header));
  EXPECT_EQ(header.written, 2U);
  EXPECT_EQ(header.traced, 1U);
  ProbeRecord last{};
  std::memcpy(&last, bytes.data() + bytes.size() - sizeof(last), sizeof(last));
  EXPECT_EQ(last.number, 4U);
  EXPECT_EQ(json::parse(to_json(findings)).at("traced"),
            json::parse(
                R"([{"number":4,"taken_ns":1000,"answer_ns":9000,"kernel_ns":8000,"pages":3,"cut":true}])"));
}

TEST(Findings, TellEachReplacement) {
  Findings findings = found();
  findings.replacements = {{100, 200, 3, 1}};
  const std::string bytes = file_of(findings, {}, std::vector<ProbeRecord>(1));
  ASSERT_EQ(bytes.size(), sizeof(ProbeHeader) + sizeof(ProbeRecord) + sizeof(ProbeReplacement));
  ProbeReplacement last{};
  std::memcpy(&last, bytes.data() + bytes.size() - sizeof(last), sizeof(last));
  EXPECT_EQ(last.number, 3U);
  EXPECT_EQ(json::parse(to_json(findings)).at("replacements"),
            json::parse(R"([{"began_ns":100,"ended_ns":200,"number":3,"twice":1}])"));
}

// A ring of four: the last ones are kept, from the oldest on.
TEST(Findings, TasksOfAWaitAreTheLastOnesInTheirOrder) {
  Findings findings = found();
  NamedWait& named = findings.waits.emplace_back();
  named.wait = {9, {}};
  named.wait.holder.waited_ns = 500;
  named.wait.holder.slices = 6;
  for (const auto& [at, name] : {std::pair{0, "fifth"}, {1, "sixth"}, {2, "third"}, {3, "fourth"}})
    named.wait.holder.slice[at] = slice(name, 10);
  named.stack = {"el0_svc", "__arm64_sys_munmap"};
  const json wait = json::parse(to_json(findings)).at("long_waits").at(0);
  std::vector<std::string> tasks;
  for (const json& task : wait.at("last_tasks")) tasks.push_back(task.at("task"));
  EXPECT_THAT(tasks, ::testing::ElementsAre("third", "fourth", "fifth", "sixth"));
  EXPECT_EQ(wait.at("phase"), "irq thread wakeup latency");
  EXPECT_EQ(wait.at("stack").at(1), "__arm64_sys_munmap");
}

// A name that fills its field has no end of its own; one of no UTF-8 must not end the report.
TEST(Findings, TakeEveryNameOfATask) {
  Findings findings = found();
  NamedWait& named = findings.waits.emplace_back();
  named.wait.holder.slices = 2;
  std::memset(named.wait.holder.slice[0].name, 'x', probe_name_size);
  named.wait.holder.slice[1].name[0] = '\xff';
  const json tasks = json::parse(to_json(findings)).at("long_waits").at(0).at("last_tasks");
  EXPECT_EQ(tasks.at(0).at("task"), std::string(probe_name_size, 'x'));
  EXPECT_EQ(tasks.at(1).at("task"), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace loopgate
