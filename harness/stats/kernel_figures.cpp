#include "stats/kernel_figures.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* switch_program = "switch-pipe";
constexpr double switches = 2;  // there and back

const ProgramFigure* find_figure(const ProgramResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.figures, name, &ProgramFigure::name);
  return found == result.figures.end() ? nullptr : &*found;
}

// Of figures in one unit; nothing where a replicate lacks it.
std::optional<FigureSpread> spread_of(const ProgramEvidence& program, const std::string& name) {
  std::optional<FigureSpread> spread;
  for (const ProgramReplicate& each : program.replicates) {
    const ProgramFigure* figure = find_figure(each.result, name);
    if (figure == nullptr || (spread && figure->unit != spread->unit)) return std::nullopt;
    if (!spread) spread = FigureSpread{name, figure->unit, figure->value, figure->value};
    spread->least = std::min(spread->least, figure->value);
    spread->most = std::max(spread->most, figure->value);
  }
  return spread;
}

// A bin says no more of a maximum than its ends.
std::optional<LatencyRange> largest_of(const ProgramEvidence& program) {
  std::optional<LatencyRange> largest;
  for (const ProgramReplicate& each : program.replicates) {
    if (each.tail == nullptr || each.tail->count() == 0) return std::nullopt;
    const LatencyRange max = each.tail->max();
    if (!largest) {
      largest = max;
      continue;
    }
    largest->low_ns = std::max(largest->low_ns, max.low_ns);
    if (largest->high_ns && max.high_ns)
      largest->high_ns = std::max(*largest->high_ns, *max.high_ns);
    else
      largest->high_ns.reset();
  }
  return largest;
}

}  // namespace

double half_jitter_ns(const LatencyFigures& latency) { return static_cast<double>(latency.jitter) / 2; }

std::optional<FigureSpread> chief_spread(const ProgramEvidence& program) {
  std::string name;
  for (const ProgramReplicate& each : program.replicates) {
    const ProgramFigure* chief = chief_figure(each.result);
    if (chief == nullptr || (!name.empty() && chief->name != name)) return std::nullopt;
    name = chief->name;
  }
  auto spread = spread_of(program, name);
  if (spread && name.starts_with("max")) spread->largest = largest_of(program);
  return spread;
}

std::optional<FigureSpread> task_switch(const ProgramEvidence& program) {
  if (program.program != switch_program) return std::nullopt;
  auto spread = spread_of(program, "mean");
  if (!spread || spread->unit != "ns") return std::nullopt;
  spread->least /= switches;
  spread->most /= switches;
  return spread;
}

Json to_json(const std::optional<FigureSpread>& spread) {
  if (!spread) return nullptr;
  Json largest = nullptr;
  if (spread->largest)
    largest = {spread->largest->low_ns, spread->largest->high_ns ? Json(*spread->largest->high_ns) : Json()};
  return {{"figure", spread->figure},
          {"unit", spread->unit},
          {"least", spread->least},
          {"most", spread->most},
          {"largest_ns", std::move(largest)}};
}

}  // namespace loopgate
