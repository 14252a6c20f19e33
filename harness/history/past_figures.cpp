#include "history/past_figures.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "gate/worst_case_figure.h"
#include "record/worst_case.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

constexpr std::array<std::string_view, 4> tested_quantities = {"p50", "mean", "p99", "p99_9"};
constexpr std::array<std::string_view, 4> shown_quantities = {"p50", "p99", "p99_9", "max"};

bool is_one_of(const std::array<std::string_view, 4>& keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

FigureColumn column_of(const Quantity& quantity) {
  return {quantity.key, quantity.label, "ns", is_one_of(tested_quantities, quantity.key),
          is_one_of(shown_quantities, quantity.key)};
}

void add_latencies(const GroupEvidence& group, std::vector<PastFigure>* figures) {
  if (!group.summary.latency) return;
  for (const Quantity& each : quantities) {
    if (each.figure == nullptr) continue;
    if (const auto ns = each.figure(each, *group.summary.latency)) figures->push_back({column_of(each), *ns});
  }
}

// Each is a maximum, of the cells that have one. What the gate would not judge is no figure.
void add_worst_cases(const GroupEvidence& group, std::vector<PastFigure>* figures) {
  for (const WorstCaseQuantity& each : worst_case_quantities) {
    std::optional<std::int64_t> largest;
    if (each.read == nullptr) {
      largest = largest_hunted_ns(group.hunted);
    } else {
      largest = composed_figure(group, each).ns;
    }
    if (largest) figures->push_back({{each.key, each.label, "ns"}, static_cast<double>(*largest)});
  }
}

bool is_maximum(const std::string& name) { return name.starts_with("max"); }

const ProgramFigure* named(const ProgramResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.figures, name, &ProgramFigure::name);
  return found == result.figures.end() ? nullptr : &*found;
}

void add_program_figure(const ProgramEvidence& program, const std::string& name,
                        std::vector<PastFigure>* figures) {
  std::vector<double> values;
  std::string unit;
  for (const ProgramReplicate& each : program.replicates) {
    const ProgramFigure* figure = named(each.result, name);
    if (figure == nullptr || (!values.empty() && figure->unit != unit)) return;
    unit = figure->unit;
    values.push_back(figure->value);
  }
  if (values.empty()) return;
  const std::string key = program.program + " " + name;
  const std::string label = name == unit ? program.program : key;  // "null-call", in instructions
  figures->push_back({{key, label, unit, !is_maximum(name)},
                      is_maximum(name) ? *std::ranges::max_element(values) : median(values)});
}

// The figure that people look at, and beside a maximum the mean, in which a change can be found.
void add_program(const ProgramEvidence& program, std::vector<PastFigure>* figures) {
  if (program.replicates.empty()) return;
  const ProgramFigure* chief = chief_figure(program.replicates.front().result);
  if (chief == nullptr) return;
  add_program_figure(program, chief->name, figures);
  if (is_maximum(chief->name)) add_program_figure(program, "mean", figures);
}

}  // namespace

std::vector<PastFigure> past_figures(const GroupEvidence& group) {
  std::vector<PastFigure> figures;
  add_latencies(group, &figures);
  add_worst_cases(group, &figures);
  for (const ProgramEvidence& each : group.programs) add_program(each, &figures);
  return figures;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<FigureColumn> tested_columns() {
  std::vector<FigureColumn> columns;
  for (const Quantity& each : quantities)
    if (is_one_of(tested_quantities, each.key)) columns.push_back(column_of(each));
  return columns;
}

const PastFigure* find_figure(const std::vector<PastFigure>& figures, const std::string& key) {
  const auto found =
      std::ranges::find_if(figures, [&](const PastFigure& each) { return each.column.key == key; });
  return found == figures.end() ? nullptr : &*found;
}

}  // namespace loopgate
