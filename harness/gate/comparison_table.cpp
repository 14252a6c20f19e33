#include "gate/comparison_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "gate/number_text.h"
#include "gate/phase_table.h"
#include "gate/program_table.h"
#include "record/instruction_text.h"
#include "stats/beside.h"
#include "stats/resolution.h"
#include "stats/same_kernels.h"
#include "stats/unmeasured.h"
#include "stats/work_figures.h"

namespace loopgate {
namespace {

using Row = std::vector<std::string>;

// Columns on a terminal: code points, since names may hold any UTF-8. (Wide and combining characters are not
// told apart.)
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

// Where columns stand: the first one left, and numbers right, but for the last one where it is a verdict.
enum class Side { right, last_left, left };

std::string aligned(const std::vector<Row>& rows, Side side) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width_of(row[i]), ' ');
      const bool left = i == 0 || side == Side::left || (side == Side::last_left && i + 1 == row.size());
      line += (i > 0 ? "  " : "") + (left ? row[i] + padding : padding + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string verdict_of(const Verdict& verdict, const GroupEvidence& group) {
  for (const GroupVerdict& each : verdict.groups)
    if (each.kernel == group.kernel && each.load == group.load) return name_of(each.verdict);
  return name_of(VerdictKind::not_gated);
}

// "preempt-rt.mixed.3: invalid: ...; left out of the figures"
std::string unmeasured_lines(const Comparison& comparison, const std::string& load) {
  std::string text;
  for (const GroupEvidence& group : comparison.groups) {
    if (group.load != load) continue;
    for (const UnmeasuredText& each : unmeasured_texts(group))
      text += printable(each.text) + "; left out of the figures\n";
  }
  return text;
}

std::string block(const Comparison& comparison, const std::string& load, const Verdict* verdict) {
  std::string text =
      fmt::format("suite {} · board {} · {} · load {} · {}\n", comparison.suite.name, comparison.board.name,
                  time_base_text(comparison), load, stimuli_each_text(comparison, load));
  const bool decisions = has_decisions(comparison);
  Row head = {"kernel"};
  for (std::string& column : table_columns(decisions)) head.push_back(std::move(column));
  if (verdict != nullptr) head.emplace_back("verdict");
  std::vector<Row> rows = {head};
  for (const GroupEvidence& group : comparison.groups) {
    if (group.load != load) continue;
    Row& row = rows.emplace_back(Row{group.kernel});
    for (std::string& cell : table_cells(group, decisions)) row.push_back(std::move(cell));
    if (verdict != nullptr) row.push_back(verdict_of(*verdict, group));
  }
  text += aligned(rows, verdict != nullptr ? Side::last_left : Side::right);
  for (const std::string& note : table_notes(comparison, load)) text += note + "\n";
  if (verdict == nullptr) text += unmeasured_lines(comparison, load);  // a verdict names them
  return text;
}

// Of programs that measured in place of a payload, all of whose columns stand left.
std::string program_block(const Comparison& comparison, const std::string& load, const Verdict* verdict) {
  std::string text =
      fmt::format("suite {} · board {} · {} · load {} · {}\n", comparison.suite.name, comparison.board.name,
                  time_base_text(comparison), load, programs_text(comparison, load));
  text += aligned(program_rows(comparison, load, verdict), Side::left);
  for (const std::string& each : same_kernels_texts(comparison, load)) text += each + "\n";
  return text;
}

unsigned used_by(bool decisions) { return decisions ? in_tables | in_decision_tables : in_tables; }

LatencyRange jitter_of(const Tail& tail) {
  const LatencyRange min = tail.min();
  const LatencyRange max = tail.max();
  LatencyRange jitter{std::max<std::int64_t>(max.low_ns - min.high_ns.value_or(max.low_ns), 0), std::nullopt};
  if (max.high_ns) jitter.high_ns = *max.high_ns - min.low_ns;
  return jitter;
}

bool has_bounds(const GroupEvidence& group) {
  return group.pooled != nullptr && !group.pooled->exact() && group.pooled->count() > 0;
}

std::string bounds_text(const Quantity& quantity, const Tail& tail) {
  switch (quantity.kind) {
    case QuantityKind::quantile:
      return is_resolved(quantity.per_million, tail.total().least)
                 ? range_text(tail.quantile(quantity.per_million))
                 : "-";
    case QuantityKind::extreme:
      return range_text(std::string_view(quantity.key) == "min" ? tail.min() : tail.max());
    case QuantityKind::spread:
      return tail.count() < 2 ? "-" : range_text(jitter_of(tail));
    default:
      return "-";
  }
}

// Whether the load's table has a quantile that the stimuli do not resolve.
bool has_unresolved(const Comparison& comparison, const std::string& load) {
  const unsigned used = used_by(has_decisions(comparison));
  return std::ranges::any_of(comparison.groups, [&](const GroupEvidence& group) {
    const auto& figures = group.summary.latency;
    return group.load == load && std::ranges::any_of(quantiles, [&](const Quantity& each) {
             if (!each.used(used)) return false;
             if (has_bounds(group)) return !is_resolved(each.per_million, group.pooled->total().least);
             return figures && !each.figure(each, *figures);
           });
  });
}

// Of what may be any of all, nothing is known.
std::string count_text(const CountRange& count, std::uint64_t of) {
  if (count.exact()) return with_thousands(count.least);
  if (count.least == 0 && count.most >= of) return "-";
  return fmt::format("{} to {}", with_thousands(count.least), with_thousands(count.most));
}

std::string cell_text(const Quantity& quantity, const GroupEvidence& group) {
  if (quantity.count == nullptr && has_bounds(group)) return bounds_text(quantity, *group.pooled);
  if (quantity.count != nullptr) {
    const auto count = quantity.count(group);
    return count ? count_text(*count, group.summary.counts.count) : "-";
  }
  const auto& figures = group.summary.latency;
  if (quantity.kind == QuantityKind::spread && group.summary.counts.count < 2) return "-";
  const auto figure = figures ? quantity.figure(quantity, *figures) : std::nullopt;
  return figure ? us_text(static_cast<std::int64_t>(*figure)) : "-";
}

// " in 5 replicates (boots)"; nothing where a kernel has one alone and it is no board's.
std::string replicates_each_text(const Comparison& comparison, const std::string& load) {
  std::vector<std::size_t> counts;
  for (const GroupEvidence& group : comparison.groups)
    if (group.load == load && !group.replicates.empty()) counts.push_back(group.replicates.size());
  if (counts.empty()) return {};
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  const bool board = comparison.time_base == TimeBase::wall_clock;
  if (*most == 1) return board ? " in 1 replicate (boot)" : "";
  const std::string number =
      *least == *most ? fmt::format("{}", *most) : fmt::format("{} to {}", *least, *most);
  return fmt::format(" in {} replicates{}", number, board ? " (boots)" : "");
}

}  // namespace

bool has_decisions(const Comparison& comparison) {
  return std::ranges::any_of(comparison.groups,
                             [](const GroupEvidence& group) { return group.summary.decisions.has_value(); });
}

std::vector<std::string> table_notes(const Comparison& comparison, const std::string& load) {
  std::vector<std::string> notes;
  const auto first = std::ranges::find_if(
      comparison.loads, [&](const NamedInput& each) { return has_unresolved(comparison, each.name); });
  if (first != comparison.loads.end() && first->name == load)
    notes.push_back(unresolved_text(counted_noun(comparison)));
  for (std::string& each : same_kernels_texts(comparison, load)) notes.push_back(std::move(each));
  if (std::string probe = probe_text(comparison, load); !probe.empty()) notes.push_back(std::move(probe));
  for (std::string& trace : trace_texts(comparison, load)) notes.push_back(std::move(trace));
  for (const GroupEvidence& group : comparison.groups)
    if (group.load == load && group.stationarity.result == Steadiness::drifts)
      notes.push_back(fmt::format("{} {}", group.kernel, group.stationarity.says));
  for (const GroupEvidence& group : comparison.groups)
    if (group.load == load && group.summary.decisions && group.summary.decisions->unjudged > 0)
      notes.push_back(fmt::format("{}: {}", group.kernel, unjudged_text(*group.summary.decisions)));
  for (const GroupEvidence& group : comparison.groups)
    if (const auto work = group.load == load ? work_figures_of(group.summary) : std::nullopt)
      notes.push_back(fmt::format("{}: {}", group.kernel, printable(text_of(*work))));
  for (const GroupEvidence& group : comparison.groups)
    if (const auto beside = group.load == load ? beside_of(group) : std::nullopt)
      notes.push_back(fmt::format("{}: {}", group.kernel, beside->says));
  return notes;
}

std::vector<std::string> table_columns(bool decisions) {
  std::vector<std::string> columns;
  for (const Quantity& quantity : quantities)
    if (quantity.used(used_by(decisions))) columns.emplace_back(quantity.label);
  if (decisions) columns.emplace_back("per second");
  return columns;
}

std::vector<std::string> table_cells(const GroupEvidence& group, bool decisions) {
  const Summary& summary = group.summary;
  if (summary.counts.scheduled == 0) return Row(table_columns(decisions).size(), "-");
  Row cells;
  for (const Quantity& quantity : quantities)
    if (quantity.used(used_by(decisions))) cells.push_back(cell_text(quantity, group));
  if (!decisions) return cells;
  const auto rate = summary.decisions ? summary.decisions->per_second() : std::nullopt;
  cells.push_back(rate ? number_text(*rate, 4) : "-");
  return cells;
}

std::string self_measured_text(const Comparison& comparison) {
  return comparison.self_measured_by.empty() ? "" : "self-measured by " + comparison.self_measured_by;
}

std::string time_base_text(const Comparison& comparison) {
  const std::string by = self_measured_text(comparison);
  const std::string mark = by.empty() ? "" : ", " + by;
  if (comparison.time_base == TimeBase::wall_clock)
    return (comparison.emulator ? "wall-clock time, on an emulator: no hardware's figures"
                                : "wall-clock time") +
           mark;
  const std::string instruction =
      instruction_text(comparison.icount_shift.value_or(-1), comparison.cpus, comparison.slice_ns);
  return (instruction.empty() ? "virtual time" : fmt::format("virtual time ({})", instruction)) + mark;
}

std::string stimuli_each_text(const Comparison& comparison, const std::string& load) {
  std::vector<std::uint64_t> counts;
  for (const GroupEvidence& group : comparison.groups)
    if (group.load == load && group.summary.counts.scheduled > 0)
      counts.push_back(group.summary.counts.scheduled);
  if (counts.empty()) return "nothing measured";
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  const std::string replicates = replicates_each_text(comparison, load);
  const std::string counted = counted_text(*most, counted_noun(comparison));
  if (*least == *most) return counted + " each" + replicates;
  return fmt::format("{} to {}{}", with_thousands(*least), counted, replicates);
}

std::string comparison_table(const Comparison& comparison, const Verdict* verdict) {
  std::string text;
  for (const NamedInput& load : comparison.loads) {
    if (!text.empty()) text += "\n";
    if (comparison.has_programs_alone()) {
      text += program_block(comparison, load.name, verdict);
      continue;
    }
    text += block(comparison, load.name, verdict);
    if (!comparison.programs.empty())  // beside the payload: the verdict stands above
      text += aligned(program_rows(comparison, load.name, nullptr), Side::left);
    if (const auto phases = phase_rows(comparison, load.name); !phases.empty())
      text += aligned(phases, Side::right);
  }
  return text;
}

}  // namespace loopgate
