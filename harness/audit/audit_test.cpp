#include "audit/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "audit/fact_script.h"
#include "audit/json_report.h"
#include "audit/testing/audits.h"
#include "audit/text_report.h"
#include "audit/thread_stat.h"
#include "base/file.h"

namespace loopgate::audit_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

namespace fs = std::filesystem;

Audit audit_of(const std::string& recording, const std::map<std::string, std::string>& given = {}) {
  const fs::path path =
      fs::path(LOOPGATE_SOURCE_DIR) / "fixtures" / "recordings" / "audit" / (recording + ".facts");
  const auto facts = parse_facts(read_file(path).value(), path.string());
  EXPECT_TRUE(facts) << (facts ? "" : facts.error().what);
  return audit(rules(), *facts, given).value();
}

std::set<std::string> names(const Audit& audit, Judgement judgement) {
  std::set<std::string> found;
  for (const AuditFinding& finding : audit.findings) {
    if (finding.judgement == judgement) found.insert(finding.name);
  }
  return found;
}

TEST(AuditTest, AWellTunedMachineIsGoodButForWhatIsTrueOfIt) {
  const Audit audit = audit_of("rt-tuned");
  EXPECT_THAT(names(audit, Judgement::attention),
              UnorderedElementsAre("emulated-board", "tainted", "clock-warnings"));
  EXPECT_THAT(names(audit, Judgement::unknown), IsEmpty());
  EXPECT_EQ(finding_of(audit, "fair-server").seen, "0 (4 files)");
  EXPECT_EQ(finding_of(audit, "isolated-cpus").seen, "2-3");
  EXPECT_EQ(audit.parameters[0].source, "/sys/devices/system/cpu/isolated");
}

TEST(AuditTest, TheBenchsThreadsAreThereAndJudgedByNoRule) {
  auto facts = *parse_facts(
      read_file(fs::path(LOOPGATE_SOURCE_DIR) / "fixtures/recordings/audit/generic-untuned.facts").value(),
      "text");
  for (const Fact& fact : facts.first.find(thread_stat_files)->second.facts)
    if (fact.path == "/proc/1/task/1/stat" ||
        fact.text.value_or("").find("(motor-daemon)") != std::string::npos)
      facts.bench_threads.insert(fact.path);
  const Audit audit = loopgate::audit(rules(), facts, {{"measured_cpus", "1"}}).value();
  EXPECT_EQ(finding_of(audit, "user-real-time").judgement, Judgement::good);
}

TEST(AuditTest, AnUntunedMachineNeedsAttentionWhereItShould) {
  const Audit audit = audit_of("generic-untuned", {{"measured_cpus", "1"}});
  EXPECT_THAT(names(audit, Judgement::unknown), IsEmpty());
  for (const char* name :
       {"preempt-rt", "trace-events", "console-level", "soft-watchdog", "fair-server", "timer-migration",
        "user-real-time", "threaded-interrupts", "default-affinity", "isolated-cpus", "tick", "rcu-callbacks",
        "workqueues", "compaction-of-locked-pages", "proactive-compaction", "call-rate", "pcie-aspm"})
    EXPECT_EQ(finding_of(audit, name).judgement, Judgement::attention) << name;
  EXPECT_EQ(finding_of(audit, "user-real-time").seen, "motor-daemon (FIFO 99)");
  EXPECT_EQ(finding_of(audit, "call-rate").seen, "11.0 per second, 360 since boot (IPI1 11.0)");
}

TEST(AuditTest, WhatAnOrdinaryUserMayNotSeeIsUnknown) {
  const Audit audit = audit_of("rt-locked");
  for (const char* name :
       {"high-resolution-timers", "debug-options", "tracing", "trace-events", "fair-server", "user-real-time",
        "kernel-real-time", "irq-balance", "interrupt-priorities", "lock-warnings", "hardware-errors"})
    EXPECT_EQ(finding_of(audit, name).judgement, Judgement::unknown) << name;
  EXPECT_EQ(finding_of(audit, "fair-server").seen, "no permission to read /sys/kernel/debug");
}

TEST(AuditTest, WithoutMeasuredCpusTheirRulesDoNotApply) {
  const Audit audit = audit_of("generic-untuned");
  for (const char* name :
       {"isolated-cpus", "tick", "rcu-callbacks", "interrupt-affinity", "interrupt-rate", "user-tasks"}) {
    EXPECT_EQ(finding_of(audit, name).judgement, Judgement::not_applicable) << name;
    EXPECT_EQ(finding_of(audit, name).seen, "measured_cpus is not given") << name;
  }
}

TEST(AuditTest, ALogWithoutItsBeginningProvesNothing) {
  Facts facts;
  facts.first[kernel_log] = {{{"dmesg", "[ 99.0] usb 1-1: new device\n"}}, "", true};
  EXPECT_EQ(finding_of(audit(rules(), facts, {}).value(), "lock-warnings").judgement, Judgement::unknown);
}

// Asked for on the command line is not done: a kernel without RCU_NOCB_CPU or NO_HZ_FULL says so.
TEST(AuditTest, CallbacksAreOffloadedWhereTheKernelSaysSo) {
  const auto seen = [](const std::string& lines) {
    Facts facts;
    facts.first["/proc/cmdline"] = {{{"/proc/cmdline", "rcu_nocbs=2-3 nohz_full=2-3\n"}}, "", true};
    facts.first[kernel_log] = {{{"dmesg", "[ 0.0] Linux version 6.12\n" + lines}}, "", true};
    return audit(rules(), facts, {{"measured_cpus", "2-3"}}).value();
  };
  const Audit ignored = seen(
      "[ 0.0] Housekeeping: nohz unsupported. Build with CONFIG_NO_HZ_FULL\n"
      "[ 0.0] Unknown kernel command line parameters \"rcu_nocbs=2-3\", will be passed to user space.\n");
  EXPECT_EQ(finding_of(ignored, "rcu-callbacks").judgement, Judgement::attention);
  EXPECT_EQ(finding_of(ignored, "ignored-arguments").judgement, Judgement::attention);
  const std::string line = "[ 0.0] rcu: \tOffload RCU callbacks from CPUs: ";
  EXPECT_EQ(finding_of(seen(line + "(none).\n"), "rcu-callbacks").judgement, Judgement::attention);
  EXPECT_EQ(finding_of(seen(line + "(none).\n" + line + "2-3.\n"), "rcu-callbacks").judgement,
            Judgement::good)
      << "the last one holds";
}

TEST(AuditTest, HiddenThreadsAreUnknownButASeenFaultCounts) {
  const std::string daemon =
      "9 (daemon) S 2 0 0 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 1 0 0 1 0 0 0 0 0 0 0 2 0 0 0 0 17 0 99 1\n";
  Facts facts;
  Reading& reading = facts.first["/proc/[0-9]*/task/[0-9]*/stat"];
  reading.facts.push_back({"/proc/9/task/9/stat", daemon});
  EXPECT_EQ(finding_of(audit(rules(), facts, {}).value(), "user-real-time").judgement, Judgement::attention);
  EXPECT_EQ(finding_of(audit(rules(), facts, {}).value(), "irq-balance").judgement, Judgement::unknown);
  reading.facts.push_back({"/proc/1/task/1/stat", "no stat"});
  EXPECT_THAT(finding_of(audit(rules(), facts, {}).value(), "irq-balance").seen, HasSubstr("cannot parse"));
}

TEST(AuditTest, GivenParametersAreChecked) {
  EXPECT_THAT(audit(rules(), {}, {{"measured_cpu", "1"}}).error().what,
              HasSubstr("has no parameter \"measured_cpu\""));
  EXPECT_THAT(audit(rules(), {}, {{"measured_cpus", "one"}}).error().what,
              HasSubstr("measured_cpus=one: must be CPUs"));
  EXPECT_THAT(audit(rules(), {}, {{"payload_priority", "1-2"}}).error().what,
              HasSubstr("must be a whole number"));
}

// Who waits for a device's interrupt needs it on its own CPUs, and its thread above itself.
TEST(AuditTest, InterruptsThatThePayloadWaitsForAreExceptedByName) {
  const auto thread = [](int id, const std::string& name) {
    return Fact{
        fmt::format("/proc/{0}/task/{0}/stat", id),
        fmt::format("{} ({}) S 2 0 0 0 -1 2097152 0 0 0 0 0 0 0 0 0 0 1 0 1 0 0 1 0 0 0 0 0 0 0 2 0 0 0 "
                    "0 17 2 90 1\n",
                    id, name)};
  };
  Facts facts;
  facts.first["/proc/[0-9]*/task/[0-9]*/stat"] = {{thread(1, "init"), thread(40, "irq/125-eth1-Tx"),
                                                   thread(41, "irq/126-eth1"), thread(42, "irq/9-s-eth1")},
                                                  "",
                                                  true};
  const std::string rows = "CPU0 CPU1 CPU2 CPU3\n125: 0 0 {} 0 PCI-MSI 524288-edge eth1-TxRx-0\n";
  facts.first["/proc/interrupts"] = {{{"/proc/interrupts", fmt::format(fmt::runtime(rows), 0)}}, "", true};
  facts.second["/proc/interrupts"] = {{{"/proc/interrupts", fmt::format(fmt::runtime(rows), 900)}}, "", true};
  facts.first["/proc/irq/[0-9]*/smp_affinity_list"] = {
      {{"/proc/irq/125/smp_affinity_list", "2\n"}}, "", true};
  facts.seconds_between = 1;
  const auto judged = [&](const std::string& devices) {
    std::map<std::string, std::string> given = {{"measured_cpus", "2-3"}};
    if (!devices.empty()) given["payload_interrupts"] = devices;
    return audit(rules(), facts, given).value();
  };
  for (const char* name : {"interrupt-priorities", "interrupt-affinity", "interrupt-rate"}) {
    for (const char* others : {"", "eth0", "eth10,can0"})
      EXPECT_EQ(finding_of(judged(others), name).judgement, Judgement::attention) << name << others;
    for (const char* ours : {"eth1", "can0,eth1", "eth*"})
      EXPECT_EQ(finding_of(judged(ours), name).judgement, Judgement::good) << name << ours;
  }
  for (const char* wrong : {"*", "eth1,", "eth1 eth2", ""})
    EXPECT_THAT(audit(rules(), facts, {{"payload_interrupts", wrong}}).error().what,
                HasSubstr("must be names of devices such as eth1"));
}

TEST(AuditTest, TheScreenIsNoWiderThanAHundredColumnsAndTellsWhatToDo) {
  const std::string screen = to_text(audit_of("generic-untuned", {{"measured_cpus", "1"}}));
  for (std::size_t begin = 0; begin < screen.size(); begin = screen.find('\n', begin) + 1)
    EXPECT_LE(screen.find('\n', begin) - begin, 100U)
        << screen.substr(begin, screen.find('\n', begin) - begin);
  EXPECT_THAT(screen, HasSubstr("  ATTENTION  no tick on measured CPUs              none\n"
                                "             read      /sys/devices/system/cpu/nohz_full\n"
                                "             expected  all measured CPUs\n"));
  EXPECT_THAT(screen, HasSubstr("27 good, 19 attention, 0 unknown, 20 not applicable\n"));
}

TEST(AuditTest, TheDocumentHoldsEveryFinding) {
  const Audit audit = audit_of("rt-locked");
  const auto document = nlohmann::json::parse(to_json(audit));
  EXPECT_EQ(document["format"], 1);
  EXPECT_EQ(document["findings"].size(), rules().rules.size());
  EXPECT_EQ(document["counts"]["unknown"], audit.count(Judgement::unknown));
  EXPECT_EQ(document["findings"][0]["name"], "preempt-rt");
  EXPECT_EQ(document["findings"][0]["judgement"], "good");
  EXPECT_TRUE(document["parameters"][0]["value"].is_null());
}

TEST(AuditTest, WhatAMachineSaysCannotSteerATerminalOrBreakTheDocument) {
  Facts facts;
  facts.first["/proc/cmdline"] = {{{"/proc/cmdline", "quiet\x1b[2J \xff\n"}}, "", true};
  const Audit done = audit(rules(), facts, {}).value();
  EXPECT_THAT(to_text(done), Not(HasSubstr("\x1b")));
  EXPECT_FALSE(nlohmann::json::parse(to_json(done)).empty());
}

}  // namespace
}  // namespace loopgate::audit_test
