#include "calibrate/null_variants.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "gate/evaluate.h"
#include "record/calibration.h"
#include "run/contenders.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

bool covers(const std::string& pattern, const std::string& name) { return pattern == "*" || pattern == name; }

template <class Speaks>
bool any_rule(const Policy& policy, const Speaks& speaks) {
  return std::ranges::any_of(policy.budgets, [&](const BudgetRule& rule) { return speaks(rule.pattern); }) ||
         std::ranges::any_of(policy.compares, [&](const RatioRule& rule) { return speaks(rule.pattern); }) ||
         std::ranges::any_of(policy.baselines, [&](const RatioRule& rule) { return speaks(rule.pattern); });
}

bool speaks_of_kernel(const Policy& policy, const std::string& name) {
  return any_rule(policy, [&](const Pattern& pattern) { return covers(pattern.kernel, name); }) ||
         std::ranges::any_of(policy.compares,
                             [&](const RatioRule& rule) { return covers(rule.against, name); });
}

bool speaks_of_load(const Policy& policy, const std::string& name) {
  return any_rule(policy, [&](const Pattern& pattern) { return covers(pattern.load, name); });
}

// The names that the suite gives, of those `parts` that the policy speaks of.
template <class T, class Speaks>
Result<std::vector<std::string>> judged(const std::vector<std::string>& given, const std::vector<T>& parts,
                                        const Policy& policy, const char* what, const Speaks& speaks) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (speaks(policy, parts[i].name)) names.push_back(given[i]);
  if (!names.empty()) return names;
  return fail(ErrorKind::usage,
              fmt::format("{}: speaks of no {} of the suite, whose are {}", policy.file, what,
                          fmt::join(given, ", ")),
              fmt::format("name one with --{}, or use a policy for this suite", what));
}

// Of the same inputs, whatever became of their files meanwhile.
Result<Plan> plan_like(const Plan& first, const PlanRequest& asked) {
  PlanParts parts;
  parts.suite = first.suite;
  parts.board = first.board;
  parts.lab = first.lab;
  parts.kernels = first.kernels;
  parts.loads = first.loads;
  parts.samples = first.samples;
  parts.repeat = first.repeat;
  parts.seed = asked.seed;
  parts.null_change = asked.null_change;
  return make_plan(std::move(parts));
}

}  // namespace

Result<PlanRequest> with_judged(PlanRequest request, const Policy& policy, const Catalog& catalog) {
  TRY(parts, read_parts(request, catalog));
  if (!all_programs(parts.suite.work).empty())
    return fail(
        ErrorKind::usage,
        fmt::format("suite {} cannot be calibrated: its programs measure by themselves", parts.suite.name),
        "calibrate a suite that stimulates, such as irq-to-gpio");
  if (request.kernels.empty()) {
    std::vector<std::string> given;
    for (const KernelChoice& choice : kernel_choices(parts.suite.kernels, payload_of(parts.suite.work)))
      given.push_back(choice.text());
    TRY(kernels, judged(given, parts.kernels, policy, "kernel", speaks_of_kernel));
    request.kernels = std::move(kernels);
  }
  if (request.loads.empty()) {
    TRY(loads, judged(parts.suite.loads, parts.loads, policy, "load", speaks_of_load));
    request.loads = std::move(loads);
  }
  return request;
}

PlanRequest variant_of(const VariantRequest& request, int variant, bool on_virtual_time) {
  PlanRequest plan = request.plan;
  plan.seed += static_cast<std::uint64_t>(variant - 1);
  plan.null_change = on_virtual_time ? variant : 0;
  return plan;
}

std::filesystem::path folder_of(const VariantRequest& request, int variant) {
  return request.folder / variants_folder / std::to_string(variant);
}

Status check_policy(const Policy& policy, const Comparison& description) {
  std::optional<Baseline> baseline;
  if (!policy.baselines.empty()) baseline = Baseline{"another variant", description};
  TRY(verdict, evaluate(description, policy, baseline));
  return {};
}

Result<std::vector<Comparison>> measure_variants(Session* session, const VariantRequest& request,
                                                 const MeasureHooks& hooks, Progress* progress) {
  std::vector<Comparison> variants;
  const Plan first = session->plan;
  const bool on_virtual_time = first.board.is_virtual();
  for (int variant = 1; variant <= request.variants && !request.options.is_stopped(); ++variant) {
    const PlanRequest asked = variant_of(request, variant, on_virtual_time);
    TRY(plan, plan_like(first, asked));
    session->plan = std::move(plan);
    progress->note(fmt::format("null variant {} of {}: seed {}", variant, request.variants, asked.seed));
    const MeasureRequest measure{folder_of(request, variant), true, request.options, request.loopgate, asked};
    TRY(run, measure_plan(session, measure, hooks, progress));
    if (!run.bench_sound)
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: the bench was not sound to the end", run.folder.string()),
                  "mend it, and call the same command again: what is measured is kept");
    TRY(statistics, compute_run_statistics(run.folder, std::move(run.figures)));
    variants.push_back(std::move(statistics));
  }
  if (variants.size() == static_cast<std::size_t>(request.variants)) return variants;
  return fail(ErrorKind::infrastructure,
              fmt::format("interrupted after {} of {} null variants", variants.size(), request.variants),
              "call the same command again: what is measured is kept");
}

}  // namespace loopgate
