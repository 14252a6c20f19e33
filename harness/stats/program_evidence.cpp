#include "stats/program_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "record/programs_file.h"
#include "stats/histogram_tail.h"
#include "stats/kernel_figures.h"
#include "stats/quantities.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::array worst_first = {ProgramVerdict::invalid, ProgramVerdict::fail,
                                    ProgramVerdict::inconclusive, ProgramVerdict::not_applicable,
                                    ProgramVerdict::pass};

// So that no other cell's file can stand in.
Status check_planned(const ProgramsFile& file, const DescribedCell& cell, const RunRecord& run) {
  if (file.cell != cell.name) return fail(ErrorKind::data, fmt::format("is of the cell {}", file.cell));
  if (file.time_base != run.time_base)
    return fail(ErrorKind::data, fmt::format("is of {} time, and the run of {} time", name_of(file.time_base),
                                             name_of(run.time_base)));
  const bool same =
      std::ranges::equal(file.programs, run.programs, {}, &ProgramRecord::name, &ProgramInput::name);
  if (!same) return fail(ErrorKind::data, "is not of the programs that run.json names");
  return {};
}

Json range_json(const LatencyRange& range) {
  return {range.low_ns, range.high_ns ? Json(*range.high_ns) : Json()};
}

// As bounds: a bin says no more.
Json latency_json(const ProgramResult& result, const Tail& tail) {
  Json json = {{"clock", result.clock},
               {"count", tail.count()},
               {"beyond_histogram", result.histogram->overflow},
               {"min_ns", range_json(tail.min())}};
  for (const Quantity& each : quantiles)
    json[std::string(each.key) + "_ns"] =
        is_resolved(each.per_million, tail.count()) ? range_json(tail.quantile(each.per_million)) : Json();
  json["max_ns"] = range_json(tail.max());
  return json;
}

Json replicate_json(const ProgramReplicate& replicate) {
  const ProgramResult& result = replicate.result;
  Json figures = Json::array();
  for (const ProgramFigure& figure : result.figures)
    figures.push_back({{"name", figure.name},
                       {"value", figure.value},
                       {"unit", figure.unit},
                       {"clock", figure.clock.empty() ? Json() : Json(figure.clock)}});
  const ProgramFigure* chief = chief_figure(result);
  const bool has_latency = replicate.tail != nullptr && replicate.tail->count() > 0;
  return {{"cell", replicate.cell},
          {"result", name_of(result.verdict)},
          {"reason", result.reason},
          {"figures", std::move(figures)},
          {"chief", chief != nullptr ? Json(chief->name) : Json()},
          {"latency", has_latency ? latency_json(result, *replicate.tail) : Json()}};
}

std::optional<TimeBeside> time_beside(const ProgramsFile& file, const ProgramRecord& record) {
  if (!file.stimuli || !record.began_ns || !record.ended_ns) return std::nullopt;
  const std::int64_t began_ns = std::max(*record.began_ns, file.stimuli->began_ns);
  const std::int64_t ended_ns = std::min(*record.ended_ns, file.stimuli->ended_ns);
  return TimeBeside{file.stimuli->ended_ns - file.stimuli->began_ns,
                    std::max<std::int64_t>(ended_ns - began_ns, 0)};
}

bool is_time(const ProgramFigure& figure) {
  constexpr std::array units = {"ns", "us", "ms", "s"};
  return std::ranges::find(units, figure.unit) != units.end();
}

}  // namespace

const ProgramFigure* chief_figure(const ProgramResult& result) {
  const std::vector<ProgramFigure>& figures = result.figures;
  const auto counted = std::ranges::find(figures, "instructions", &ProgramFigure::name);
  if (counted != figures.end()) return &*counted;
  const auto is_max = [](const ProgramFigure& each) { return each.name.starts_with("max"); };
  if (const auto last = std::find_if(figures.rbegin(), figures.rend(), is_max); last != figures.rend())
    return &*last;
  if (const auto time = std::ranges::find_if(figures, is_time); time != figures.end()) return &*time;
  return figures.empty() ? nullptr : &figures.front();
}

ProgramVerdict ProgramEvidence::worst() const {
  for (const ProgramVerdict verdict : worst_first)
    if (std::ranges::any_of(replicates, [&](const auto& each) { return each.result.verdict == verdict; }))
      return verdict;
  return ProgramVerdict::invalid;
}

Result<std::vector<ProgramReplicate>> read_cell_programs(const fs::path& cell_folder, const Outcome& outcome,
                                                         const DescribedCell& cell, const RunRecord& run) {
  const std::string sha256 = outcome.sha256_of(programs_artifact);
  if (sha256.empty())
    return fail(ErrorKind::data, fmt::format("{}: outcome.json has no digest of {}", cell_folder.string(),
                                             programs_artifact.name));
  TRY(loaded, load_programs(cell_folder, sha256));
  if (const auto planned = check_planned(loaded.file, cell, run); !planned)
    return fail(ErrorKind::data,
                fmt::format("{}: {}", (cell_folder / programs_artifact.name).string(), planned.error().what));
  std::vector<ProgramReplicate> replicates;
  for (ProgramRecord& record : loaded.file.programs) {
    ProgramReplicate& replicate = replicates.emplace_back();
    replicate.cell = cell.name;
    replicate.file_sha256 = sha256;
    replicate.beside = time_beside(loaded.file, record);
    replicate.result = std::move(record.result);
    if (!replicate.result.histogram) continue;
    TRY(tail, HistogramTail::make(*replicate.result.histogram));
    replicate.tail = std::make_shared<HistogramTail>(std::move(tail));
  }
  return replicates;
}

Json to_json(const std::vector<ProgramEvidence>& programs) {
  Json all = Json::array();
  for (const ProgramEvidence& each : programs) {
    Json replicates = Json::array();
    for (const ProgramReplicate& replicate : each.replicates) replicates.push_back(replicate_json(replicate));
    all.push_back({{"program", each.program},
                   {"result", name_of(each.worst())},
                   {"chief_spread", to_json(chief_spread(each))},
                   {"task_switch", to_json(task_switch(each))},
                   {"replicates", std::move(replicates)}});
  }
  return all;
}

}  // namespace loopgate
