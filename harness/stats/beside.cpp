#include "stats/beside.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/units.h"
#include "stats/quantities.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr double whole_time = 0.999;  // what is less is told

bool has_latencies(const ProgramReplicate& replicate) {
  const ProgramVerdict verdict = replicate.result.verdict;
  const bool ran = verdict == ProgramVerdict::pass || verdict == ProgramVerdict::fail;
  return ran && replicate.beside && replicate.tail != nullptr && replicate.tail->count() > 0;
}

// The one beside the payload; null where there is nothing of it to compare.
const ProgramEvidence* program_beside(const GroupEvidence& group) {
  if (group.programs.size() != 1 || !group.summary.latency) return nullptr;
  const ProgramEvidence& program = group.programs.front();
  const bool whole = !program.replicates.empty() && std::ranges::all_of(program.replicates, has_latencies);
  return whole ? &program : nullptr;
}

PooledTail pooled(const ProgramEvidence& program) {
  std::vector<std::shared_ptr<const Tail>> tails;
  for (const ProgramReplicate& each : program.replicates) tails.push_back(each.tail);
  return PooledTail(std::move(tails));
}

FigureBeside figure_of(const char* name, std::int64_t pin_ns, const LatencyRange& program) {
  LatencyRange more{INT64_MIN, pin_ns - program.low_ns};
  if (program.high_ns) more.low_ns = pin_ns - *program.high_ns;
  return {name, pin_ns, program, more};
}

// From what the program gave to below its resolution more.
std::optional<LatencyRange> mean_beside(const ProgramEvidence& program) {
  double sum_us = 0, cycles = 0;
  double resolution_us = 0;
  for (const ProgramReplicate& each : program.replicates) {
    const auto& figures = each.result.figures;
    const auto mean = std::ranges::find(figures, "mean", &ProgramFigure::name);
    if (mean == figures.end() || mean->unit != "us") return std::nullopt;
    const auto count = static_cast<double>(each.tail->count());
    sum_us += mean->value * count;
    cycles += count;
    resolution_us = std::max(resolution_us, mean->resolution);
  }
  const auto mean_ns = static_cast<std::int64_t>(std::llround(1e3 * sum_us / cycles));
  const auto resolution_ns = static_cast<std::int64_t>(std::llround(1e3 * resolution_us));
  return LatencyRange{mean_ns, mean_ns + std::max<std::int64_t>(resolution_ns - 1, 0)};
}

std::vector<FigureBeside> figures_of(const GroupEvidence& group, const ProgramEvidence& program) {
  const LatencyFigures& pin = *group.summary.latency;
  const PooledTail tail = pooled(program);
  std::vector<FigureBeside> figures = {figure_of("min", pin.min, tail.min())};
  for (std::size_t i = 0; i < quantiles.size(); ++i)
    if (pin.quantile[i] && is_resolved(quantiles[i].per_million, tail.count()))
      figures.push_back(
          figure_of(quantiles[i].key, *pin.quantile[i], tail.quantile(quantiles[i].per_million)));
  if (const auto mean = mean_beside(program))
    figures.push_back(figure_of("mean", std::llround(pin.mean), *mean));
  figures.push_back(figure_of("max", pin.max, tail.max()));
  return figures;
}

TimeBeside time_of(const ProgramEvidence& program) {
  TimeBeside all;
  for (const ProgramReplicate& each : program.replicates) {
    all.stimuli_ns += each.beside->stimuli_ns;
    all.measured_ns += each.beside->measured_ns;
  }
  return all;
}

// "median 18.8 us by the pin, 5.00 to 6.00 us by cyclictest"
std::string pair_text(const Beside& beside, const char* name, const char* word) {
  const auto figure = std::ranges::find_if(
      beside.figures, [&](const FigureBeside& each) { return std::string_view(each.name) == name; });
  if (figure == beside.figures.end()) return {};
  return fmt::format("{} {} by the pin, {} by {}", word, us_text(figure->pin_ns), range_text(figure->program),
                     beside.program);
}

std::string sentence_of(const Beside& beside) {
  std::string text;
  for (const auto& [name, word] : {std::pair{"p50", "median"}, {"max", "max"}}) {
    const std::string pair = pair_text(beside, name, word);
    if (!pair.empty()) text += (text.empty() ? "" : "; ") + pair;
  }
  text += fmt::format(" (self-measured, {})", counted_text(beside.cycles, {"cycle", "cycles"}));
  const double share =
      static_cast<double>(beside.time.measured_ns) / static_cast<double>(beside.time.stimuli_ns);
  if (share >= whole_time) return text;
  return text + fmt::format(". {} ended early: it measured over {:.1f} % of the time in which stimuli came",
                            beside.program, 100 * share);
}

Json to_json(const LatencyRange& range, bool open_below) {
  return {open_below ? Json() : Json(range.low_ns), range.high_ns ? Json(*range.high_ns) : Json()};
}

}  // namespace

std::optional<Beside> beside_of(const GroupEvidence& group) {
  const ProgramEvidence* program = program_beside(group);
  if (program == nullptr) return std::nullopt;
  Beside beside;
  beside.program = program->program;
  beside.stimuli = group.summary.counts.count;
  beside.cycles = pooled(*program).count();
  beside.time = time_of(*program);
  beside.figures = figures_of(group, *program);
  beside.says = sentence_of(beside);
  return beside;
}

Histogram histogram_beside(const GroupEvidence& group) {
  Histogram bins;
  const ProgramEvidence* program = program_beside(group);
  if (program == nullptr) return bins;
  std::map<std::pair<std::int64_t, std::int64_t>, std::uint64_t> counts;
  for (const ProgramReplicate& each : program->replicates) {
    const LatencyHistogram& own = *each.result.histogram;
    const auto lower_ns = [&](std::size_t bin) {
      return own.first_ns + static_cast<std::int64_t>(bin) * own.bin_width_ns;
    };
    for (std::size_t i = 0; i < own.count.size(); ++i)
      if (own.count[i] > 0) counts[{lower_ns(i), lower_ns(i + 1)}] += own.count[i];
    const std::int64_t end_ns = lower_ns(own.count.size());
    if (own.overflow > 0)
      counts[{end_ns, std::max(own.max_ns.value_or(end_ns), end_ns) + own.resolution_ns}] += own.overflow;
  }
  for (const auto& [edges, count] : counts) {
    bins.lower_ns.push_back(edges.first);
    bins.upper_ns.push_back(edges.second);
    bins.count.push_back(count);
  }
  return bins;
}

Json to_json(const Beside& beside) {
  Json figures = Json::array();
  for (const FigureBeside& each : beside.figures)
    figures.push_back({{"name", each.name},
                       {"pin_ns", each.pin_ns},
                       {"program_ns", to_json(each.program, false)},
                       {"more_by_pin_ns", to_json(each.more_by_pin, !each.program.high_ns)}});
  return {{"program", beside.program},
          {"stimuli", beside.stimuli},
          {"cycles", beside.cycles},
          {"stimuli_ns", beside.time.stimuli_ns},
          {"measured_ns", beside.time.measured_ns},
          {"figures", std::move(figures)},
          {"says", beside.says}};
}

}  // namespace loopgate
