#include "run/evidence.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/json.h"
#include "programs/program_adapter.h"
#include "run/interrupt_table.h"
#include "stats/histogram_tail.h"
#include "stats/quantities.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

using nlohmann::json;

// By this consumer's name a program requests the storm line, and /proc/interrupts counts it.
constexpr const char* storm_consumer = "storm";

constexpr const char* undone =
    "it was so when measuring began: something changed it since, see evidence.json";

constexpr const char* too_little_load = "the load did not run as its file requires: see evidence.json";

const PartReport* find_part(const std::vector<PartReport>& parts, const std::string& name) {
  const auto found = std::ranges::find(parts, name, &PartReport::name);
  return found == parts.end() ? nullptr : &*found;
}

void note_problem(Evidence* evidence, std::string what, std::string next_step = {}) {
  if (!evidence->problem.empty()) return;
  evidence->problem = std::move(what);
  evidence->next_step = std::move(next_step);
}

void judge_rates(const LoadPart& part, const Rates& rates, Evidence* evidence, json* rows) {
  for (const auto& [metric, at_least] : part.min_per_second) {
    const auto found = rates.find(metric);
    const double rate = found == rates.end() ? 0.0 : found->second;
    const bool ok = found != rates.end() && rate >= at_least;
    rows->push_back(
        {{"part", part.name}, {"metric", metric}, {"per_second", rate}, {"at_least", at_least}, {"ok", ok}});
    if (!ok)
      note_problem(evidence,
                   fmt::format("load part {} delivered {:.6g} {} a second; it requires {:.6g}", part.name,
                               rate, metric, at_least),
                   too_little_load);
  }
}

json json_of(const LatencyRange& range) {
  return {range.low_ns, range.high_ns ? json(*range.high_ns) : json(nullptr)};
}

// What a part measured itself, as bounds. Nothing is judged by it.
json latency_row(const std::string& part, const LatencyHistogram& histogram, const Tail& tail) {
  json row = {{"part", part},
              {"count", tail.count()},
              {"beyond_histogram", histogram.overflow},
              {"min_ns", json_of(tail.min())},
              {"max_ns", json_of(tail.max())}};
  for (const Quantity& each : quantiles)
    row[std::string(each.key) + "_ns"] =
        is_resolved(each.per_million, tail.count()) ? json_of(tail.quantile(each.per_million)) : json();
  return row;
}

void note_latency(const LoadPart& part, const LatencyHistogram& histogram, Evidence* evidence) {
  const auto tail = HistogramTail::make(histogram);
  if (!tail)
    return note_problem(evidence,
                        fmt::format("load part {}'s figures cannot be: {}", part.name, tail.error().what));
  evidence->document["load_latency"].push_back(latency_row(part.name, histogram, *tail));
}

double seconds_of(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e9; }

double seconds_between(const std::optional<std::chrono::nanoseconds>& from,
                       const std::optional<std::chrono::nanoseconds>& to) {
  return from && to ? seconds_of(*to - *from) : 0.0;
}

void judge_part(const LoadPart& part, const PartReport& seen, const Timing& timing, Evidence* evidence,
                json* rows) {
  if (seen.died_early)
    note_problem(evidence,
                 fmt::format("load part {} ended during the measurement ({})", part.name, seen.exit));
  if (seen.exit != "exited 0")
    note_problem(evidence, fmt::format("load part {} did not end well ({}): its own figures prove nothing",
                                       part.name, seen.exit));
  if (!seen.died_early && seen.processes_at_stop < part.min_processes)
    note_problem(evidence,
                 fmt::format("load part {} had {} processes at the end of measuring; it requires {}",
                             part.name, seen.processes_at_stop, part.min_processes),
                 too_little_load);
  if (const std::string other = other_priority(part.arguments, parse_json(seen.output)); !other.empty())
    note_problem(evidence, fmt::format("load part {} {}", part.name, other), too_little_load);
  const auto findings = part.program->parse({.printed = seen.output,
                                             .file = seen.file.value_or(""),
                                             .window_s = seconds_of(timing.window()),
                                             .measured_s = seconds_between(timing.ready, timing.stopped),
                                             .lived_s = seconds_between(timing.job_read, timing.stopped)});
  if (!findings)
    return note_problem(evidence, fmt::format("load part {} gave no proof that it ran: {}", part.name,
                                              findings.error().what));
  judge_rates(part, findings->rates, evidence, rows);
  if (findings->histogram) note_latency(part, *findings->histogram, evidence);
}

// The instrument makes the storm's pulses; the kernel's own counter of the line says how many it handled. A
// storm that no program requests proves nothing.
void judge_storm(const Report& report, const Storm& storm, const MachineRun& run, Evidence* evidence,
                 json* rows) {
  const auto before = interrupts_of(report.interrupts_start, storm_consumer).value_or(0);
  const auto after = interrupts_of(report.interrupts_end, storm_consumer);
  const double seconds = seconds_between(report.timing.ready, report.timing.stopped);
  const auto per_second = [&](std::uint64_t count) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0.0;
  };
  const double rate = after && *after > before ? per_second(*after - before) : 0.0;
  const double made = per_second(run.end.storm_pulses);
  const bool ok = rate >= storm.min_handled_per_second;
  rows->push_back({{"part", "storm"},
                   {"metric", "interrupts handled"},
                   {"per_second", rate},
                   {"at_least", storm.min_handled_per_second},
                   {"ok", ok}});
  if (ok) return;
  if (!after) {
    note_problem(evidence,
                 fmt::format("no program requested the storm line: /proc/interrupts has no \"{}\" entry",
                             storm_consumer),
                 "give the load a part whose program requests the line {storm} by that name");
    return;
  }
  note_problem(evidence,
               fmt::format("the kernel handled {:.6g} of {:.6g} storm interrupts a second; the load requires "
                           "{:.6g}",
                           rate, made, storm.min_handled_per_second),
               too_little_load);
}

// How long the load ran, once attested, before measuring began.
void judge_settling(const Timing& timing, const Load& load, Evidence* evidence) {
  const double settled_ms = 1'000 * seconds_between(timing.attested, timing.ready);
  if (settled_ms < load.settle_ms)
    note_problem(evidence, fmt::format("the load ran for {:.6g} ms before measuring began; settle_ms is {}",
                                       settled_ms, load.settle_ms));
}

void judge_load(const Report& report, const Load& load, const MachineRun& run, Evidence* evidence) {
  judge_settling(report.timing, load, evidence);
  json rows = json::array();
  for (const LoadPart& part : load.parts) {
    const PartReport* seen = find_part(report.parts, part.name);
    if (seen == nullptr) {
      note_problem(evidence, fmt::format("load part {} is not in the agent's report", part.name));
      continue;
    }
    judge_part(part, *seen, report.timing, evidence, &rows);
  }
  if (load.storm.per_second > 0) judge_storm(report, load.storm, run, evidence, &rows);
  evidence->document["load"] = std::move(rows);
}

void judge_kernel(const Report& report, Evidence* evidence) {
  for (const CheckRow& check : report.checks) {
    if (!check.passed)
      note_problem(evidence, fmt::format("kernel check \"{}\" failed: wanted {}, saw {}", check.name,
                                         check.expected, check.seen));
  }
  for (const TuningRow& row : report.tuning) {
    if (!row.ok)
      note_problem(evidence, fmt::format("tuning {} reads back {}, wanted {}", subject_of(row), row.read_back,
                                         row.wanted));
  }
}

// What was applied and checked before measuring, once more after it.
void judge_kernel_at_the_end(const Report& report, Evidence* evidence) {
  for (const CheckRow& check : report.checks_end) {
    if (!check.passed)
      note_problem(evidence,
                   fmt::format("kernel check \"{}\" failed when measuring was over: wanted {}, saw {}",
                               check.name, check.expected, check.seen),
                   undone);
  }
  for (const TuningRow& row : report.tuning_end) {
    if (!row.ok)
      note_problem(evidence,
                   fmt::format("tuning {} reads back {} when measuring was over, wanted {}", subject_of(row),
                               row.read_back, row.wanted),
                   undone);
  }
}

// As JSON writes it; "missing" where nothing is.
std::string value_at(const json& document, const std::string& pointer) {
  try {  // nlohmann-json reports by exception; it goes no further than here
    return document.at(json::json_pointer(pointer)).dump();
  } catch (const json::exception&) {
    return "missing";
  }
}

bool has_tuning(const std::vector<TuningRow>& rows, const std::string& pattern) {
  return std::ranges::any_of(
      rows, [&](const TuningRow& row) { return ::fnmatch(pattern.c_str(), row.what.c_str(), 0) == 0; });
}

bool has_check(const std::vector<CheckRow>& rows, const std::string& name) {
  return std::ranges::find(rows, name, &CheckRow::name) != rows.end();
}

}  // namespace

std::string missing_evidence(const Report& report, const Kernel& kernel) {
  for (const auto& [checks, tuning, when] :
       {std::tuple{&report.checks, &report.tuning, ""},
        std::tuple{&report.checks_end, &report.tuning_end, " when measuring was over"}}) {
    for (const KernelCheck& check : kernel.checks) {
      if (!check.file.empty() && !has_check(*checks, check.name))
        return fmt::format("the agent did not make the kernel check \"{}\"{}", check.name, when);
    }
    for (const FileTuning& file : kernel.files) {
      if (!has_tuning(*tuning, file.path))
        return fmt::format("the agent did not read {} back{}", file.path, when);
    }
    for (const ThreadTuning& thread : kernel.threads) {
      if (thread.required && !has_tuning(*tuning, thread.name))
        return fmt::format("the agent did not read the threads {} back{}", thread.name, when);
    }
  }
  return {};
}

std::string missing_cpus(const Report& report, const Board& board) {
  const std::size_t online = online_cpus(report.interrupts_start);
  if (online >= static_cast<std::size_t>(board.cpus)) return {};
  return fmt::format("board {} has {} CPUs by its file, and the kernel ran on {}", board.name, board.cpus,
                     online);
}

std::string other_priority(const std::vector<std::string>& command, const json& printed) {
  const auto option = std::ranges::find(command, "--priority");
  if (option == command.end() || option + 1 == command.end() || !printed.is_object()) return {};
  const auto seen = printed.find("priority_read_back");
  if (seen == printed.end() || seen->dump() == *(option + 1)) return {};
  return fmt::format("had the real-time priority {} at its end; its command asks for {}", seen->dump(),
                     *(option + 1));
}

std::string check_payload(const std::vector<PayloadCheck>& checks, json* document) {
  std::string problem;
  json rows = json::array();
  for (const PayloadCheck& check : checks) {
    const std::string seen = value_at((*document)["payload"], check.value);
    const std::string& wanted = check.contains.empty() ? check.equals : check.contains;
    const bool passed = check.contains.empty() ? seen == wanted : seen.find(wanted) != std::string::npos;
    rows.push_back({{"name", check.name},
                    {"value", check.value},
                    {"wanted", wanted},
                    {"seen", seen},
                    {"passed", passed}});
    if (!passed && problem.empty())
      problem = fmt::format("payload check \"{}\" failed: {} is {}, wanted {}", check.name, check.value, seen,
                            wanted);
  }
  (*document)["payload_checks"] = std::move(rows);
  return problem;
}

std::string payload_problem(const Evidence& evidence) {
  const std::string exit = evidence.report.payload ? evidence.report.payload->exit : "";
  if (exit.empty()) return "the payload exited abnormally: no exit status was reported";
  if (exit != "exited 0") return "the payload exited abnormally: it " + exit;
  const json& printed = evidence.document["payload"];
  const auto degraded = printed.find("degraded");
  if (printed.is_object() && degraded != printed.end() && *degraded == true)
    return "the payload ran degraded: without real-time priority or locked memory";
  return {};
}

Result<Evidence> judge_evidence(const MachineRun& run, const Load& load) {
  Evidence evidence;
  TRY(report, parse_report(run.report));
  json document = parse_json(run.report);
  const std::string printed = report.payload ? report.payload->output : "";
  evidence.document = {{"format", 1},
                       {"kernel", document["kernel"]},
                       {"checks", document["checks"]},
                       {"tuning", document["tuning"]},
                       {"threads", document["threads"]},
                       {"load", json::array()},
                       {"payload", parse_json(printed)},
                       {"report", std::move(document)}};
  if (evidence.document["payload"].is_discarded()) evidence.document["payload"] = nullptr;
  judge_kernel(report, &evidence);
  if (const auto& failure = report.failure; failure || run.agent_failed)
    note_problem(&evidence,
                 failure ? fmt::format("{}{}{}: {}", failure->part, failure->name.empty() ? "" : " ",
                                       failure->name, failure->what)
                         : "the agent failed and gave no reason",
                 "see evidence.json and console.log");
  if (!run.agent_failed) {
    judge_kernel_at_the_end(report, &evidence);
    judge_load(report, load, run, &evidence);
  }
  evidence.report = std::move(report);
  return evidence;
}

}  // namespace loopgate
