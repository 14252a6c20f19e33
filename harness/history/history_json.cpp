#include "history/history_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "gate/verdict.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string link_to(const fs::path& place, const fs::path& out) {
  std::error_code failed;
  const fs::path link = fs::relative(place, out, failed);
  return failed || link.empty() ? fs::absolute(place, failed).string() : link.string();
}

Json to_json(const PastRun& run, const fs::path& out) {
  return {
      {"name", printable(run.name)},
      {"folder", printable(link_to(run.folder, out))},
      {"page", run.has_page ? Json(printable(link_to(run.folder / "report" / "index.html", out))) : Json()},
      {"problem", run.problem.empty() ? Json() : Json(printable(run.problem))},
      {"left_out", run.left_out},
      {"started", printable(run.started)},
      {"suite", printable(run.suite.name)},
      {"board", printable(run.board.name)},
      {"loopgate", printable(run.loopgate)},
      {"qemu", printable(run.qemu)},
      {"tools_sha256", run.tools_sha256},
      {"verdict", run.problem.empty() ? Json(printable(run.verdict)) : Json()},
      {"policy", printable(run.policy)}};
}

Json to_json(const HistorySeries& series, const std::vector<PastRun>& runs) {
  Json points = Json::array();
  for (const HistoryPoint& point : series.points) {
    const PastGroup& group = runs[point.run].groups[point.group];
    Json figures = Json::object();
    for (const PastFigure& each : group.figures) figures[printable(each.column.key)] = each.value;
    points.push_back({{"run", point.run},
                      {"version", printable(group.version)},
                      {"image_sha256", group.image_sha256},
                      {"verdict", printable(group.verdict)},
                      {"why", group.why.empty() ? Json() : Json(group.why)},
                      {"count", group.count},
                      {"figures", std::move(figures)}});
  }
  Json changes = Json::array();
  for (const HistoryChange& change : series.changes)
    changes.push_back({{"figure", printable(change.figure.key)},
                       {"run", change.run},
                       {"before", change.before},
                       {"after", change.after},
                       {"ratio", change.after / change.before},
                       {"p", change.p}});
  return {
      {"kernel", printable(series.kernel)}, {"points", std::move(points)}, {"changes", std::move(changes)}};
}

Json to_json(const std::vector<FigureColumn>& columns) {
  Json all = Json::array();
  for (const FigureColumn& each : columns)
    all.push_back({{"key", printable(each.key)},
                   {"label", printable(each.label)},
                   {"unit", printable(each.unit)},
                   {"is_tested", each.is_tested},
                   {"is_shown", each.is_shown}});
  return all;
}

}  // namespace

std::string history_json(const History& history, const fs::path& out) {
  Json runs = Json::array();
  for (const PastRun& run : history.runs) runs.push_back(to_json(run, out));
  Json sets = Json::array();
  for (const HistorySet& set : history.sets) {
    const bool tested = any_tested(set, history.rules);
    Json series = Json::array();
    for (const HistorySeries& each : set.series) series.push_back(to_json(each, history.runs));
    sets.push_back({{"suite", printable(set.suite)},
                    {"board", printable(set.board)},
                    {"load", printable(set.load)},
                    {"time_base", name_of(set.time_base)},
                    {"measured_by", printable(set.measured_by)},
                    {"probe", set.probe.empty() ? Json() : Json(printable(set.probe))},
                    {"emulator", set.emulator},
                    {"definitions_sha256", set.definitions_sha256},
                    {"columns", to_json(set.columns)},
                    {"any_tested", tested},
                    {"not_tested", not_tested(set, history.rules)},
                    {"series", std::move(series)}});
  }
  const ChangeRules& rules = history.rules;
  return Json{{"format", 2},
              {"changes_by",
               {{"method", "E-divisive, on the logarithm of the figure"},
                {"least_runs", rules.least_runs},
                {"permutations", rules.permutations},
                {"significance", rules.significance},  // the share of unchanged figures that show a change
                {"seed", rules.seed}}},
              {"runs", std::move(runs)},
              {"sets", std::move(sets)}}
             .dump(1) +
         "\n";
}

}  // namespace loopgate
