#include "cost/path_functions.h"

#include <algorithm>

#include "explain/path_lengths.h"
#include "explain/sample/breakdown.h"
#include "explain/session.h"
#include "run/run_directory.h"

namespace loopgate {

Result<PathFunctions> path_functions(const std::filesystem::path& run, const LoopgateVersion& version,
                                     const Notify& notify) {
  TRY(record, read_run_record(run));
  if (record.cells.empty()) return fail(ErrorKind::data, run.string() + " has no cell", "measure it again");
  ExplainRequest request;
  request.run = run;
  request.cell = record.cells.front().name;
  request.worst = 1;
  TRY(explanation, explain(request, version, notify));
  PathFunctions functions;
  for (const FunctionShare& share : functions_of(*explanation.median))
    functions[std::string(name_in_source(share.name))] += share.ns;
  return functions;
}

std::vector<FunctionCost> longer_functions(const PathFunctions& before, const PathFunctions& after) {
  PathFunctions more = after;
  for (const auto& [function, ns] : before) more[function] -= ns;
  std::int64_t whole = 0;
  for (const auto& [function, ns] : more) whole += ns;
  const std::int64_t direction = whole < 0 ? -1 : 1;
  std::vector<FunctionCost> longer;
  for (const auto& [function, ns] : more)
    if (ns * direction > 0) longer.push_back({function, ns});
  std::ranges::stable_sort(longer, std::greater<>(),
                           [&](const FunctionCost& each) { return each.ns * direction; });
  if (longer.size() > most_functions) longer.resize(most_functions);
  return longer;
}

}  // namespace loopgate
