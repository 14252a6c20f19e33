#include "cost/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "config/kernel_toml.h"
#include "cost/added_time.h"
#include "cost/cost_rows.h"
#include "cost/cost_steps.h"
#include "cost/rebuilt_end.h"
#include "record/artifacts.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Of the first kernel's figure: as bisect's own policy has it.
constexpr double least_share = 0.01;
// Figures are whole nanoseconds.
constexpr double resolution_ns = 1;
// What other commands leave in a folder of theirs.
constexpr std::array<const char*, 3> others_files = {"run.json", "bisect.json", "acceptance.json"};

// All that decides what a step comes to.
std::string inputs_of(const CostRequest& request, const CostEnds& ends, const BenchSetup& setup) {
  const Plan& plan = ends.from.session.plan;
  const nlohmann::json inputs = {
      {"from", to_toml(ends.difference.good)},
      {"to", to_toml(request.to)},
      {"kernels", {ends.from.kernel_sha256, ends.to.kernel_sha256}},
      {"options", {to_fragment(ends.difference.good_options), to_fragment(ends.difference.bad_options)}},
      {"by", request.by},
      {"suite", plan.suite.sha256},
      {"board", plan.board.sha256},
      {"load", plan.loads.front().sha256},
      {"samples", plan.samples},
      {"repeat", plan.repeat},
      {"seed", plan.seed},
      {"inputs", setup.plan.inputs},
      {"loopgate", {setup.loopgate.version, setup.loopgate.commit}},
      {"target", ends.from.session.target.initrd_sha256},
  };
  return sha256_of(inputs.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

CostRecord beginning_of(const CostRequest& request, const CostEnds& ends, const BenchSetup& setup) {
  CostRecord record;
  const Plan& plan = ends.from.session.plan;
  record.inputs_sha256 = inputs_of(request, ends, setup);
  record.suite = {plan.suite.name, plan.suite.sha256};
  record.board = {plan.board.name, plan.board.sha256};
  record.load = {plan.loads.front().name, plan.loads.front().sha256};
  record.from = {request.from.name, request.from.sha256};
  record.to = {request.to.name, request.to.sha256};
  record.on_virtual_time = plan.board.is_virtual();
  record.by = request.by;
  record.confidence = cost_confidence;
  for (const KernelChange& change : ends.difference.changes)
    record.changes.push_back({name_of(change.kind), change.was, change.becomes, change.text()});
  record.left_out = ends.left_out;
  record.left_out_why = left_out_text_of(ends.left_out);
  return record;
}

// How far a kernel's interval against itself reaches.
double reach_of(const AddedTime& chance) {
  return std::max({std::abs(chance.low_ns), std::abs(chance.high_ns), resolution_ns});
}

// What is called a cost: at least what chance reaches, at either kernel.
Result<double> least_of(const CostRequest& request, const CostSteps& steps, const CostRecord& result) {
  const double of_chance = std::max(reach_of(*result.chance), reach_of(*result.chance_of_to));
  if (!request.least_ns) return std::max(least_share * mean_ns(steps.step(steps.from())), of_chance);
  if (*request.least_ns >= of_chance) return *request.least_ns;
  return fail(
      ErrorKind::usage,
      fmt::format("{:.0f} ns would be called a cost, and {} of one kernel against itself is uncertain by "
                  "{:.0f} ns",
                  *request.least_ns, label_of(request.by), of_chance),
      "raise --least, or measure more, by --repeat and --samples");
}

// Both kernels against themselves.
Status measure_chance(CostSteps* steps, CostRecord* result) {
  TRY(from_again, steps->measure_from_again());
  TRY(last_again, steps->measure_last_again());
  TRY(of_from, steps->added(steps->from(), from_again));
  TRY(of_to, steps->added(steps->last(), last_again));
  result->chance = of_from;
  result->chance_of_to = of_to;
  return {};
}

Status check_folder(const fs::path& folder) {
  std::error_code ignored;
  for (const char* file : others_files)
    if (fs::exists(folder / file, ignored))
      return fail(ErrorKind::usage,
                  fmt::format("{} is another command's: {} is in it", folder.string(), file),
                  "name another folder with --out");
  return {};
}

}  // namespace

Status check_cost_plan(const Plan& plan) {
  if (plan.loads.size() != 1)
    return fail(ErrorKind::usage, fmt::format("a cost is under one load, not {}", plan.loads.size()),
                "name one with --load");
  if (plan.repeat >= 2) return {};
  return fail(ErrorKind::usage, "one replicate of each kernel says nothing about chance",
              "measure several, by --repeat");
}

Result<CostRecord> run_cost(const CostRequest& request, const KernelBench& bench) {
  const Quantity* by = find_quantity(request.by);
  if (by == nullptr || by->figure == nullptr || !by->used(in_ratios))
    return fail(ErrorKind::usage, fmt::format("{} is no latency that kernels are compared by", request.by),
                "take p50, p99, max or mean_above_p99_5");
  TRY_STATUS(check_folder(request.folder));
  TRY(ends, prepare_ends(request.from, request.to, request.globs, request.folder, bench));
  TRY(log, CostLog::open(request.folder, beginning_of(request, ends, bench.setup())));
  CostSteps steps(request, bench, *by, std::move(ends), std::move(log));
  TRY_STATUS(steps.measure_ends());
  CostRecord result = steps.log()->record();
  TRY_STATUS(measure_chance(&steps, &result));
  TRY(least_ns, least_of(request, steps, result));
  result.least_ns = least_ns;
  CostRows rows(&steps, request, bench, least_ns);
  TRY_STATUS(rows.make(&result));
  TRY(total, steps.added(steps.from(), steps.to()));
  result.total = total;
  result.is_finished = rows.is_finished();
  TRY_STATUS(steps.log()->finish(std::move(result)));
  return steps.log()->record();
}

}  // namespace loopgate
