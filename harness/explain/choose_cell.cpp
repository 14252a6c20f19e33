#include "explain/choose_cell.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "base/units.h"
#include "stats/comparison.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

bool fits(const GroupEvidence& group, const ExplainRequest& request) {
  return (request.kernel.empty() || group.kernel == request.kernel) &&
         (request.load.empty() || group.load == request.load);
}

// "kernel generic under load mixed"
std::string asked_text(const ExplainRequest& request) {
  std::string text = "the run";
  if (!request.kernel.empty()) text = "kernel " + request.kernel;
  if (!request.load.empty()) text += " under load " + request.load;
  return text;
}

std::vector<std::string> names_in(const Comparison& comparison, std::string GroupEvidence::* name) {
  std::vector<std::string> names;
  for (const GroupEvidence& group : comparison.groups)
    if (std::ranges::find(names, group.*name) == names.end()) names.push_back(group.*name);
  return names;
}

Status check_names(const ExplainRequest& request, const Comparison& comparison) {
  const auto kernels = names_in(comparison, &GroupEvidence::kernel);
  const auto loads = names_in(comparison, &GroupEvidence::load);
  if (!request.kernel.empty() && std::ranges::find(kernels, request.kernel) == kernels.end())
    return fail(ErrorKind::usage, fmt::format("the run has no kernel {}", request.kernel),
                meant_or_known(request.kernel, kernels));
  if (!request.load.empty() && std::ranges::find(loads, request.load) == loads.end())
    return fail(ErrorKind::usage, fmt::format("the run has no load {}", request.load),
                meant_or_known(request.load, loads));
  return {};
}

// A cell that could not be read may hold the worst.
Status check_readable(const GroupEvidence& group) {
  for (const UnmeasuredCell& cell : group.invalid)
    if (cell.unreadable)
      return fail(ErrorKind::data, fmt::format("{}: {}", cell.cell, cell.reason),
                  "measure this cell again: remove its folder and run with --resume; or name another cell "
                  "with --cell");
  return {};
}

Result<std::string> worst_cell(const ExplainRequest& request, const Notify& notify) {
  TRY(comparison, run_statistics(request.run));
  const WorstSample* worst = nullptr;
  for (const GroupEvidence& group : comparison.groups) {
    if (!fits(group, request)) continue;
    TRY_STATUS(check_readable(group));
    if (group.summary.worst.empty()) continue;
    const WorstSample& largest = group.summary.worst.front();
    if (worst == nullptr || largest.latency_ns > worst->latency_ns) worst = &largest;
  }
  if (worst == nullptr) {
    TRY_STATUS(check_names(request, comparison));
  }
  if (worst == nullptr)
    return fail(ErrorKind::usage, asked_text(request) + " has no answered sample to explain",
                "`loopgate stats` shows what the run has measured");
  notify(fmt::format("the worst sample of {} is of {}: {}", asked_text(request), worst->cell,
                     duration_text(worst->latency_ns)));
  return worst->cell;
}

const DescribedCell* cell_named(const RunRecord& run, const std::string& name) {
  const auto found = std::ranges::find(run.cells, name, &DescribedCell::name);
  return found == run.cells.end() ? nullptr : &*found;
}

}  // namespace

Result<ExplainRequest> with_cells(ExplainRequest request, const Notify& notify) {
  const bool by_kernel = !request.kernel.empty() || !request.load.empty();
  if (!request.cell.empty() && by_kernel)
    return fail(ErrorKind::usage, "--cell names a replicate, and --kernel and --load the worst of several",
                "give the one or the others");
  if (request.cell.empty()) {
    if (!request.samples.empty())
      return fail(ErrorKind::usage, "--sample is of a cell, and none is named", "name it with --cell");
    TRY(cell, worst_cell(request, notify));
    request.cell = cell;
  }
  if (request.against.empty()) return request;
  TRY(run, read_run_record(request.run));
  request.against = other_cell(run, request.against, request.cell);
  return request;
}

std::string other_cell(const RunRecord& run, const std::string& name, const std::string& beside) {
  const DescribedCell* cell = cell_named(run, beside);
  if (cell == nullptr || cell_named(run, name) != nullptr) return name;
  const auto found = std::ranges::find_if(run.cells, [&](const DescribedCell& each) {
    return each.kernel == name && each.load == cell->load && each.repetition == cell->repetition;
  });
  return found == run.cells.end() ? name : found->name;
}

}  // namespace loopgate
