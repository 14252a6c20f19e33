#include "run/load_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/json.h"
#include "programs/load/load_program.h"
#include "protocol/exit_text.h"
#include "run/asked_of_load.h"
#include "run/interrupt_table.h"
#include "stats/histogram_tail.h"
#include "stats/quantities.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

using nlohmann::json;

// By this consumer's name a program requests the storm line, and /proc/interrupts counts it.
constexpr const char* storm_consumer = "storm";

constexpr const char* too_little_load = "the load did not run as its file requires: see evidence.json";

const PartReport* find_part(const std::vector<PartReport>& parts, const std::string& name) {
  const auto found = std::ranges::find(parts, name, &PartReport::name);
  return found == parts.end() ? nullptr : &*found;
}

void add(std::vector<AskedFor> more, Evidence* evidence) {
  std::ranges::move(more, std::back_inserter(evidence->asked_for));
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

std::string too_short_text(std::chrono::nanoseconds window) {
  if (window <= std::chrono::nanoseconds{0} || window >= shortest_load_window) return {};
  return fmt::format(
      "; what measured took {:.3g} ms, too short for a load to prove itself: measure for at least {} ms, as "
      "by "
      "more loops, a longer duration_s, or more programs in one run",
      seconds_of(window) * 1e3, shortest_load_window.count());
}

void judge_part(const LoadPart& part, const PartReport& seen, const Timing& timing, Evidence* evidence,
                json* rows) {
  if (seen.died_early)
    note_problem(evidence,
                 fmt::format("load part {} ended during the measurement ({})", part.name, seen.exit));
  if (!exited_well(seen.exit))
    note_problem(evidence, fmt::format("load part {} did not end well ({}): its own figures prove nothing",
                                       part.name, seen.exit));
  if (!seen.died_early && !has_processes(part, seen))
    note_problem(evidence,
                 fmt::format("load part {} had {} processes at the end of measuring; it requires {}",
                             part.name, seen.processes_at_stop, part.min_processes),
                 too_little_load);
  if (const std::string other = other_priority(part.arguments, parse_json(seen.output)); !other.empty())
    note_problem(evidence, fmt::format("load part {} {}", part.name, other), too_little_load);
  const LoadOutput output{.printed = seen.output,
                          .file = seen.file.value_or(""),
                          .window_s = seconds_of(timing.window()),
                          .measured_s = seconds_between(timing.ready, timing.stopped),
                          .lived_s = seconds_between(timing.job_read, timing.stopped)};
  const auto findings = part.program->parse(output);
  const PartSeen judged{seen, output, findings};
  add(asked_of_part(part, &judged), evidence);
  if (!findings)
    return note_problem(evidence, fmt::format("load part {} gave no proof that it ran: {}{}", part.name,
                                              findings.error().what, too_short_text(timing.window())));
  judge_rates(part, findings->rates, evidence, rows);
  if (findings->histogram) note_latency(part, *findings->histogram, evidence);
}

AskedFor storm_row(const Storm& storm) {
  return {"load", "rate",
          fmt::format("storm: at least {:.6g} of {:.6g} interrupts a second handled",
                      storm.min_handled_per_second, storm.per_second)};
}

AskedFor settling_row(const Load& load) {
  return {"load", "settling", fmt::format("it runs for {} ms before measuring", load.settle_ms)};
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
  AskedFor row = storm_row(storm);
  row.became = as_asked(ok);
  row.read_back = fmt::format("{:.6g} handled of {:.6g} a second that were made", rate, made);
  evidence->asked_for.push_back(std::move(row));
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
  if (load.settle_ms > 0) {
    AskedFor row = settling_row(load);
    row.became = as_asked(settled_ms >= load.settle_ms);
    row.read_back = fmt::format("{:.6g} ms", settled_ms);
    evidence->asked_for.push_back(std::move(row));
  }
  if (settled_ms < load.settle_ms)
    note_problem(evidence, fmt::format("the load ran for {:.6g} ms before measuring began; settle_ms is {}",
                                       settled_ms, load.settle_ms));
}

// Nothing of it was measured to its end.
void note_untold(const Load& load, Evidence* evidence) {
  if (load.settle_ms > 0) add({settling_row(load)}, evidence);
  for (const LoadPart& part : load.parts) add(asked_of_part(part, nullptr), evidence);
  if (load.storm.per_second > 0) add({storm_row(load.storm)}, evidence);
}

}  // namespace

void judge_load(const Report& report, const Load& load, const MachineRun& run, Evidence* evidence) {
  if (run.agent_failed) return note_untold(load, evidence);
  judge_settling(report.timing, load, evidence);
  json rows = json::array();
  for (const LoadPart& part : load.parts) {
    const PartReport* seen = find_part(report.parts, part.name);
    if (seen == nullptr) {
      note_problem(evidence, fmt::format("load part {} is not in the agent's report", part.name));
      add(asked_of_part(part, nullptr), evidence);
      continue;
    }
    judge_part(part, *seen, report.timing, evidence, &rows);
  }
  if (load.storm.per_second > 0) judge_storm(report, load.storm, run, evidence, &rows);
  evidence->document["load"] = std::move(rows);
}

}  // namespace loopgate
