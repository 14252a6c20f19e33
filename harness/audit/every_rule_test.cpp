// Each rule of fixtures/audit/rules.toml: it can be good, it can fail, and it is unknown where nothing is
// read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>

#include "audit/testing/audits.h"

namespace loopgate::every_rule_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::map<std::string, std::string> measured = {{"measured_cpus", "2-3"}};

// Of each rule: the text that must be good, and the one that must not.
struct Sample {
  const char* rule;
  const char* name;  // of the reading
  const char* path;
  const char* good;
  const char* bad;
  std::map<std::string, std::string> more = {};  // other files that decide whether it applies
};

std::string config(const std::string& options) { return "# Linux/x86 6.12 Kernel Configuration\n" + options; }
std::string thread(const std::string& name, bool kernel, int cpu, int priority, int policy) {
  return fmt::format(
      "9 ({}) S 2 0 0 0 -1 {} 0 0 0 0 0 0 0 0 0 0 1 0 1 0 0 1 0 0 0 0 0 0 0 2 0 0 0 0 17 {} {} {}\n", name,
      kernel ? 0x200000 : 0, cpu, priority, policy);
}
const std::string booted = "[ 0.0] Linux version 6.12\n";
const std::string osrelease = "/proc/sys/kernel/osrelease";
const std::string heading = "CPU0 CPU1 CPU2 CPU3\n";
const std::string softnet_tail = " 0 0 0 0 0 0 0 0 0 2\n";

std::vector<Sample> samples() {
  static std::vector<std::string> kept;
  kept.reserve(200);
  const auto keep = [](const std::string& text) { return kept.emplace_back(text).c_str(); };
  const auto file = [](const char* rule, const char* path, const char* good, const char* bad,
                       std::map<std::string, std::string> more = {}) {
    return Sample{rule, path, path, good, bad, std::move(more)};
  };
  const auto option = [&](const char* rule, const char* name, const char* good, const char* bad) {
    const auto text = [&](const char* value) { return keep(config(std::string(name) + "=" + value + "\n")); };
    return Sample{rule,       kernel_config, "/proc/config.gz",
                  text(good), text(bad),     {{"/proc/cmdline", "quiet\n"}}};
  };
  const auto log = [&](const char* rule, const char* line) {
    return Sample{rule, kernel_log, "dmesg", keep(booted), keep(booted + line + "\n"), {}};
  };
  const auto threads = [&](const char* rule, const std::string& good, const std::string& bad) {
    return Sample{rule, "/proc/[0-9]*/task/[0-9]*/stat", "/proc/9/task/9/stat", keep(good), keep(bad), {}};
  };
  const auto rate = [&](const char* rule, const char* path, const std::string& good, const std::string& bad) {
    return Sample{rule, path, path, keep(good), keep(bad), {}};
  };
  const std::string cpu = "/sys/devices/system/cpu/";
  return {
      file("preempt-rt", "/proc/sys/kernel/version", "#1 SMP PREEMPT_RT\n", "#1 SMP PREEMPT_DYNAMIC\n"),
      file("dynamic-preemption", "/sys/kernel/debug/sched/preempt", "none voluntary (full)\n",
           "none (voluntary) full\n", {{kernel_config, config("CONFIG_PREEMPT_DYNAMIC=y\n")}}),
      option("high-resolution-timers", "CONFIG_HIGH_RES_TIMERS", "y", "n"),
      option("debug-options", "CONFIG_PROVE_LOCKING", "n", "y"),
      option("rt-group-scheduling", "CONFIG_RT_GROUP_SCHED", "n", "y"),
      file("tracing", "/sys/kernel/tracing/current_tracer", "nop\n", "function\n"),
      file("trace-events", "/sys/kernel/tracing/events/enable", "0\n", "X\n"),
      file("console-level", "/proc/sys/kernel/printk", "4 4 1 7\n", "7 4 1 7\n"),
      file("rcu-expedited", "/sys/kernel/rcu_expedited", "0\n", "1\n"),
      file("nmi-watchdog", "/proc/sys/kernel/nmi_watchdog", "0\n", "1\n",
           {{kernel_config, config("CONFIG_HARDLOCKUP_DETECTOR_PERF=y\n")}}),
      file("soft-watchdog", "/proc/sys/kernel/watchdog_cpumask", "0-1\n", "0-3\n",
           {{"/proc/sys/kernel/soft_watchdog", "1\n"}}),
      file("rt-throttling", "/proc/sys/kernel/sched_rt_runtime_us", "-1\n", "950000\n",
           {{osrelease, "6.1.0-rt\n"}}),
      Sample{"fair-server",
             "/sys/kernel/debug/sched/fair_server/cpu[0-9]*/runtime",
             "/sys/kernel/debug/sched/fair_server/cpu0/runtime",
             "0\n",
             "50000000\n",
             {{osrelease, "6.12.1\n"}}},
      Sample{"ext-server",
             "/sys/kernel/debug/sched/ext_server/cpu[0-9]*/runtime",
             "/sys/kernel/debug/sched/ext_server/cpu0/runtime",
             "0\n",
             "50000000\n",
             {}},
      file("timer-migration", "/proc/sys/kernel/timer_migration", "0\n", "1\n"),
      threads("user-real-time", thread("rtkit", false, 0, 79, 1), thread("daemon", false, 0, 80, 2)),
      threads("kernel-real-time", thread("migration/0", true, 0, 99, 1), thread("sugov:0", true, 0, 0, 6)),
      threads("irq-balance", thread("sshd", false, 0, 0, 0), thread("irqbalance", false, 0, 0, 0)),
      file("threaded-interrupts", "/proc/cmdline", "quiet threadirqs\n", "quiet\n",
           {{"/proc/sys/kernel/version", "#1 SMP\n"}}),
      threads("interrupt-priorities", thread("irq/9-eth0", true, 0, 50, 1),
              thread("irq/9-eth0", true, 0, 0, 0)),
      Sample{"interrupt-affinity",
             "/proc/irq/[0-9]*/smp_affinity_list",
             "/proc/irq/24/smp_affinity_list",
             "0-1\n",
             "0-3\n",
             {{"/proc/interrupts", heading + "24: 1 0 0 0 GIC 33 Level eth0\n"}}},
      file("default-affinity", "/proc/irq/default_smp_affinity", "3\n", "f\n"),
      rate("interrupt-rate", "/proc/interrupts", heading + "24: 99 0 0 0 GIC eth0\n",
           heading + "24: 0 0 9 0 GIC eth0\n"),
      rate("call-rate", "/proc/interrupts", heading + "CAL: 99 0 1 0 Function call interrupts\n",
           heading + "CAL: 0 0 2 0 Function call interrupts\nTLB: 0 0 1 0 TLB shootdowns\n"),
      rate("softirq-rate", "/proc/softirqs", heading + "NET_RX: 99 0 0 0\n", heading + "NET_RX: 0 0 0 9\n"),
      rate("softirq-squeezed", "/proc/net/softnet_stat", "9 0 0" + softnet_tail, "9 0 1" + softnet_tail),
      rate("softirq-dropped", "/proc/net/softnet_stat", "9 0 0" + softnet_tail, "9 1 0" + softnet_tail),
      file("isolated-cpus", keep(cpu + "isolated"), "2-3\n", "2\n"),
      file("tick", keep(cpu + "nohz_full"), "2-3\n", "(null)\n"),
      Sample{"rcu-callbacks",
             kernel_log,
             "dmesg",
             keep(booted + "[ 0.0] rcu: \tOffload RCU callbacks from CPUs: 2-7.\n"),
             keep(booted + "[ 0.0] rcu: \tOffload RCU callbacks from CPUs: 2.\n"),
             {}},
      file("workqueues", "/sys/devices/virtual/workqueue/cpumask", "3\n", "f\n"),
      threads("user-tasks", thread("sshd", false, 1, 0, 0), thread("sshd", false, 2, 0, 0)),
      file("transparent-huge-pages", "/sys/kernel/mm/transparent_hugepage/enabled",
           "always [madvise] never\n", "[always] madvise never\n"),
      file("same-page-merging", "/sys/kernel/mm/ksm/run", "0\n", "1\n"),
      file("numa-balancing", "/proc/sys/kernel/numa_balancing", "0\n", "1\n"),
      file("swap", "/proc/swaps", "Filename Type\n", "Filename Type\n/dev/zram0 partition\n"),
      file("compaction-of-locked-pages", "/proc/sys/vm/compact_unevictable_allowed", "0\n", "1\n"),
      file("proactive-compaction", "/proc/sys/vm/compaction_proactiveness", "0\n", "20\n"),
      file("cache-allocation", "/sys/fs/resctrl/cpus_list", "0-1\n", "0-3\n",
           {{"/proc/cpuinfo", "flags : fpu cat_l3 cdp_l3\n"}}),
      Sample{"memory-scrubbing",
             "/sys/devices/system/edac/mc/mc[0-9]*/sdram_scrub_rate",
             "/sys/devices/system/edac/mc/mc0/sdram_scrub_rate",
             "0\n",
             "97650\n",  // one of drivers/edac/amd64_edac.c's
             {}},
      file("pcie-aspm", "/sys/module/pcie_aspm/parameters/policy",
           "default [performance] powersave powersupersave\n",
           "[default] performance powersave powersupersave\n"),
      Sample{"i915-runtime-suspend",
             "/sys/bus/pci/drivers/i915/[0-9]*/power/control",
             "/sys/bus/pci/drivers/i915/0000:00:02.0/power/control",
             "on\n",
             "auto\n",
             {}},
      Sample{"governor",
             keep(cpu + "cpu[0-9]*/cpufreq/scaling_governor"),
             keep(cpu + "cpu0/cpufreq/scaling_governor"),
             "performance\n",
             "schedutil\n",
             {}},
      file("turbo", keep(cpu + "intel_pstate/no_turbo"), "1\n", "0\n"),
      file("boost", keep(cpu + "cpufreq/boost"), "0\n", "1\n"),
      Sample{"idle-states",
             keep(cpu + "cpu[0-9]*/cpuidle/state[0-9]*/latency"),
             keep(cpu + "cpu0/cpuidle/state1/latency"),
             "10\n",
             "133\n",
             {{cpu + "cpu[0-9]*/cpuidle/state[0-9]*/disable", "0\n"}}},
      Sample{"throttled-x86",
             keep(cpu + "cpu[0-9]*/thermal_throttle/core_throttle_count"),
             keep(cpu + "cpu0/thermal_throttle/core_throttle_count"),
             "0\n",
             "7\n",
             {}},
      file("throttled-raspberry-pi", "/sys/devices/platform/soc/soc:firmware/get_throttled", "0\n",
           "50005\n"),
      file("clock-source", "/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n",
           "hpet\n"),
      Sample{"smi",
             "/dev/cpu/[0-9]*/msr, 8 bytes at 52",
             "/dev/cpu/0/msr",
             "0\n",
             "1\n",
             {{"/proc/cpuinfo", "vendor_id : GenuineIntel\n"}}},
      file("tsc-adjust-timer", "/proc/cmdline", "quiet tsc=reliable\n", "quiet tsc=nowatchdog\n",
           {{"/proc/cpuinfo", "flags : fpu tsc_adjust\n"}}),
      file("efi-runtime", "/proc/cmdline", "quiet\n", "quiet efi=runtime\n",
           {{"/proc/sys/kernel/version", "#1 SMP PREEMPT_RT\n"}}),
      file("efi-workqueue", "/sys/devices/virtual/workqueue/efi_runtime/cpumask", "3\n", "f\n"),
      file("secure-world-rng", "/sys/class/misc/hw_random/rng_current", "smccc_trng\n", "optee-rng\n"),
      file("hyper-threading", keep(cpu + "smt/active"), "0\n", "1\n"),
      file("virtual-machine", "/proc/cpuinfo", "vendor_id : x\nflags : fpu\n",
           "vendor_id : x\nflags : fpu hypervisor\n"),
      file("emulated-board", "/proc/device-tree/compatible", "raspberrypi,4-model-b\n", "linux,dummy-virt\n"),
      Sample{"mitigations",
             keep(cpu + "vulnerabilities/*"),
             keep(cpu + "vulnerabilities/meltdown"),
             "Mitigation: PTI\n",
             "Vulnerable\n",
             {}},
      Sample{"memory-errors",
             "/sys/devices/system/edac/mc/mc[0-9]*/[cu]e_count",
             "/sys/devices/system/edac/mc/mc0/ce_count",
             "0\n",
             "3\n",
             {}},
      file("tainted", "/proc/sys/kernel/tainted", "4096\n", "512\n"),
      log("lock-warnings", "BUG: sleeping function called from invalid context at mm/slab.h:321"),
      log("ignored-arguments",
          "Unknown kernel command line parameters \"threadirq\", will be passed to user space."),
      log("throttled-in-log", "sched: RT throttling activated"),
      log("clock-warnings", "tsc: Marking TSC unstable due to clocksource watchdog"),
      log("firmware-bugs", "[Firmware Bug]: TSC_DEADLINE disabled due to Errata"),
      log("hardware-errors", "mce: [Hardware Error]: Machine check: 0"),
  };
}

// What counters stood at a second earlier.
const std::map<std::string, std::string> first_readings = {
    {"/proc/interrupts", heading},  // a row that is not there yet stood at 0
    {"/proc/softirqs", heading + "NET_RX: 0 0 0 0\n"},
    {"/proc/net/softnet_stat", "0 0 0" + softnet_tail},
    {"/dev/cpu/[0-9]*/msr, 8 bytes at 52", "0\n"},
};

// A file that the glob could mean.
std::string path_for(std::string glob) {
  for (std::size_t at = glob.find("[0-9]*"); at != std::string::npos; at = glob.find("[0-9]*"))
    glob.replace(at, 6, glob.compare(at - 5, 5, "state") == 0 ? "1" : "0");
  return glob;
}

// The facts of one rule; `text` nothing: it is there and gave nothing.
Facts facts_for(const Sample& sample, const std::optional<std::string>& text) {
  Facts facts;
  for (const auto& [name, more] : sample.more) facts.first[name] = {{{path_for(name), more}}, "", true};
  const std::string name = sample.name;
  Reading& reading = facts.first[name];
  reading.facts.push_back({sample.path, text});
  if (name == "/proc/[0-9]*/task/[0-9]*/stat") {
    reading.facts.push_back({"/proc/1/task/1/stat", "1" + thread("init", false, 0, 0, 0).substr(1)});
    reading.facts.push_back({"/proc/2/task/2/stat", "2" + thread("kthreadd", true, 0, 0, 0).substr(1)});
  }
  facts.seconds_between = 1;
  const auto first = first_readings.find(name);
  if (!text || first == first_readings.end()) return facts;
  facts.second[name] = reading;
  reading.facts[0].text = first->second;
  return facts;
}

AuditFinding judged(const Sample& sample, const Facts& facts) {
  return finding_of(audit(rules(), facts, measured).value(), sample.rule);
}

TEST(AuditRulesTest, EveryRuleCanBeGoodAndCanFail) {
  std::set<std::string> tried;
  for (const Sample& sample : samples()) {
    tried.insert(sample.rule);
    const AuditFinding good = judged(sample, facts_for(sample, sample.good));
    EXPECT_EQ(good.judgement, Judgement::good) << sample.rule << ": " << good.seen;
    const AuditFinding bad = judged(sample, facts_for(sample, sample.bad));
    EXPECT_EQ(bad.judgement, Judgement::attention) << sample.rule << ": " << bad.seen;
    EXPECT_THAT(bad.seen, Not(IsEmpty())) << sample.rule;
  }
  for (const Rule& rule : rules().rules)
    EXPECT_EQ(tried.count(rule.name), 1U) << rule.name << " has no sample here";
}

TEST(AuditRulesTest, EveryRuleIsUnknownWhereItsFileGivesNothing) {
  for (const Sample& sample : samples()) {
    if (std::string(sample.name).find("task") != std::string::npos) continue;  // a thread that ended: below
    const AuditFinding finding = judged(sample, facts_for(sample, std::nullopt));
    EXPECT_EQ(finding.judgement, Judgement::unknown) << sample.rule << ": " << finding.seen;
  }
}

TEST(AuditRulesTest, EveryRuleIsUnknownWithoutFacts) {
  const Audit done = audit(rules(), Facts{}, measured).value();
  for (const AuditFinding& finding : done.findings) {
    EXPECT_EQ(finding.judgement, Judgement::unknown) << finding.name << ": " << finding.seen;
    EXPECT_THAT(finding.seen, HasSubstr("was not requested")) << finding.name;
  }
}

TEST(AuditRulesTest, EveryRuleIsUnknownWhereAFolderIsLocked) {
  for (const Sample& sample : samples()) {
    Facts facts = facts_for(sample, sample.good);
    facts.first[sample.name] = {{}, "/sys/locked", true};
    const AuditFinding finding = judged(sample, facts);
    EXPECT_EQ(finding.judgement, Judgement::unknown) << sample.rule << ": " << finding.seen;
  }
}

TEST(AuditRulesTest, DeepIdleStatesDoNotMatterWhileTheyAreKeptAway) {
  const auto all = samples();
  const auto idle = std::find_if(
      all.begin(), all.end(), [](const Sample& sample) { return std::string(sample.rule) == "idle-states"; });
  Facts facts = facts_for(*idle, idle->bad);
  facts.first["/dev/cpu_dma_latency, 4 bytes at 0"] = {{{"/dev/cpu_dma_latency", " 0\n"}}, "", true};
  EXPECT_EQ(judged(*idle, facts).judgement, Judgement::good);
  facts.first["/dev/cpu_dma_latency, 4 bytes at 0"].facts[0].text = " 2000000000\n";
  EXPECT_EQ(judged(*idle, facts).judgement, Judgement::attention);
}

TEST(AuditRulesTest, ACounterThatGoesBackwardsIsUnknown) {
  const auto all = samples();
  const auto rate = std::find_if(all.begin(), all.end(), [](const Sample& sample) {
    return std::string(sample.rule) == "softirq-rate";
  });
  Facts facts = facts_for(*rate, rate->bad);
  std::swap(facts.first, facts.second);
  EXPECT_EQ(judged(*rate, facts).judgement, Judgement::unknown);
  facts = facts_for(*rate, rate->bad);
  facts.seconds_between = 0;
  EXPECT_EQ(judged(*rate, facts).seen, "read only once");
}

// hwlatdetect's thread keeps off isolated CPUs, so on a tuned machine it never looks at the payload's.
TEST(AuditRulesTest, NoTextSendsTheMeasuredCpusToHwlatdetect) {
  int told = 0;
  for (const Rule& rule : rules().rules)
    for (const std::string& text : {rule.change, rule.why, rule.where ? rule.where->otherwise : ""}) {
      if (text.find("hwlat") == std::string::npos) continue;
      ++told;
      EXPECT_THAT(text, AllOf(HasSubstr("rtla hwnoise -c MEASURED"), HasSubstr("keeps off isolated")))
          << rule.name;
    }
  EXPECT_EQ(told, 1) << "where SMIs are not counted";
}

}  // namespace
}  // namespace loopgate::every_rule_test
