#include "gate/program_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "base/units.h"

namespace loopgate {
namespace {

// "pass: max 18 us", of all replicates the largest.
std::string cell_text(const ProgramEvidence& program) {
  if (program.replicates.empty()) return "-";
  const ProgramFigure* largest = nullptr;
  for (const ProgramReplicate& each : program.replicates) {
    const ProgramFigure* figure = chief_figure(each.result);
    if (figure != nullptr && (largest == nullptr || figure->value > largest->value)) largest = figure;
  }
  std::string text = name_of(program.worst());
  if (largest == nullptr) return text;
  text += ": " + program_figure_text(largest->value, largest->unit);
  if (largest->name != largest->unit) text.insert(text.find(": ") + 2, largest->name + " ");
  return text;
}

bool counts_instructions(const ProgramEvidence& program) {
  return std::ranges::any_of(program.replicates, [](const ProgramReplicate& each) {
    return std::ranges::find(each.result.figures, "instructions", &ProgramFigure::unit) !=
           each.result.figures.end();
  });
}

std::vector<const GroupEvidence*> groups_of(const Comparison& comparison, const std::string& load) {
  std::vector<const GroupEvidence*> groups;
  for (const GroupEvidence& group : comparison.groups)
    if (group.load == load) groups.push_back(&group);
  return groups;
}

std::string verdict_on(const Verdict& verdict, const GroupEvidence& group) {
  for (const GroupVerdict& each : verdict.groups)
    if (each.kernel == group.kernel && each.load == group.load) return name_of(each.verdict);
  return name_of(VerdictKind::not_gated);
}

}  // namespace

// As figure() of reports/loopgate_report/units.py has it.
std::string program_figure_text(double value, const std::string& unit) {
  if (unit == "ns")  // which us would leave a digit of
    return value >= 100 || value == 0 ? us_text(std::llround(value)) : fmt::format("{:.3g} ns", value);
  const bool is_whole = value == std::floor(value) || value >= 1'000;
  const std::string number = is_whole ? with_thousands(static_cast<std::uint64_t>(std::llround(value)))
                                      : fmt::format("{:.4g}", value);
  return unit.empty() ? number : number + " " + unit;
}

std::vector<std::vector<std::string>> program_rows(const Comparison& comparison, const std::string& load,
                                                   const Verdict* verdict) {
  const auto groups = groups_of(comparison, load);
  std::vector<std::vector<std::string>> rows = {{"program (self-measured)"}};
  for (const GroupEvidence* group : groups) rows.front().push_back(group->kernel);
  for (std::size_t i = 0; i < comparison.programs.size(); ++i) {
    auto& row = rows.emplace_back(std::vector<std::string>{comparison.programs[i]});
    for (const GroupEvidence* group : groups)
      row.push_back(i < group->programs.size() ? cell_text(group->programs[i]) : "-");
  }
  if (verdict == nullptr) return rows;
  auto& last = rows.emplace_back(std::vector<std::string>{"verdict"});
  for (const GroupEvidence* group : groups) last.push_back(verdict_on(*verdict, *group));
  return rows;
}

std::string programs_text(const Comparison& comparison, const std::string& load) {
  std::map<ProgramVerdict, int> counts;
  bool instructions = false;
  for (const GroupEvidence* group : groups_of(comparison, load))
    for (const ProgramEvidence& program : group->programs) {
      instructions = instructions || counts_instructions(program);
      for (const ProgramReplicate& each : program.replicates) ++counts[each.result.verdict];
    }
  std::vector<std::string> parts;
  for (const auto& [verdict, count] : counts) parts.push_back(fmt::format("{} {}", count, name_of(verdict)));
  const std::size_t count = comparison.programs.size();
  return fmt::format(
      "{} program{}, each measured by itself: {}{}", count, count == 1 ? "" : "s",
      parts.empty() ? "nothing measured" : fmt::format("{}", fmt::join(parts, ", ")),
      instructions ? "\ninstructions of one iteration: caches, TLBs and mitigations are not in them" : "");
}

}  // namespace loopgate
