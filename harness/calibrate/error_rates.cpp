#include "calibrate/error_rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/random_draws.h"
#include "base/text.h"
#include "calibrate/plants.h"
#include "calibrate/variant_spread.h"
#include "gate/confidence.h"
#include "gate/evaluate.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

constexpr double bound_confidence = 0.95;
constexpr std::uint64_t permutations_made = 9'999;
// Which sequence of random numbers: those of the draws, of the stimuli, of the permutations.
enum Sequence : std::uint64_t { of_draws = 1, of_stimuli = 2, of_permutations = 3 };

// A regression in a kernel x load, and by how much.
struct Target {
  std::size_t plant = 0;
  std::size_t group = 0;
  std::int64_t added_ns = 0;
};

struct DrawResult {
  VerdictKind verdict = VerdictKind::invalid;
  std::vector<bool> alarms = {};  // of each group, where nothing is worse
  std::vector<bool> found = {};   // of each target
};

struct Task {
  const ReplicatePool& pool;
  const Policy& policy;
  const RateRequest& request;
  std::vector<Target> targets{};
};

std::optional<Baseline> baseline_of(const Task& task, const std::vector<std::size_t>& places) {
  if (task.policy.baselines.empty()) return std::nullopt;
  return Baseline{"the other half of the draw", run_of(task.pool, places)};
}

GroupEvidence planted_group(const Task& task, const Target& target, const std::vector<std::size_t>& places,
                            std::uint64_t draw) {
  const PooledGroup& group = task.pool.groups[target.group];
  std::vector<PooledReplicate> worse;
  for (const std::size_t place : places) {
    RandomDraws random(task.request.seed, {of_stimuli, draw, target.plant, target.group, place});
    const PooledReplicate& replicate = group.replicates[place];
    worse.push_back(with_latencies(replicate, planted(replicate, target.plant, target.added_ns, &random),
                                   task.pool.description.deadline_ns));
  }
  std::vector<const PooledReplicate*> replicates;
  for (const PooledReplicate& each : worse) replicates.push_back(&each);
  return group_of(group, replicates);
}

bool fails_because_of(const Verdict& verdict, const GroupEvidence& group) {
  return std::ranges::any_of(verdict.checks, [&](const Check& check) {
    return check.verdict == VerdictKind::fail && check.kernel == group.kernel && check.load == group.load;
  });
}

Result<DrawResult> judge_draw(const Task& task, std::uint64_t draw) {
  const std::size_t replicates = task.request.replicates;
  std::vector<std::size_t> ours =
      RandomDraws(task.request.seed, {of_draws, draw}).choose(2 * replicates, task.pool.size());
  const std::vector<std::size_t> others(ours.begin() + static_cast<std::ptrdiff_t>(replicates), ours.end());
  ours.resize(replicates);
  Comparison run = run_of(task.pool, ours);
  const std::optional<Baseline> baseline = baseline_of(task, others);
  TRY(verdict, evaluate(run, task.policy, baseline));
  DrawResult result{verdict.verdict};
  for (const GroupEvidence& group : run.groups) result.alarms.push_back(fails_because_of(verdict, group));
  for (const Target& target : task.targets) {
    GroupEvidence& group = run.groups[target.group];
    GroupEvidence sound = std::exchange(group, planted_group(task, target, ours, draw));
    TRY(worse, evaluate(run, task.policy, baseline));
    result.found.push_back(fails_because_of(worse, group));
    group = std::move(sound);
  }
  return result;
}

// What the workers share.
struct Shared {
  const Task& task;
  std::vector<DrawResult>& results;
  std::atomic<std::uint64_t> next{0};
  std::mutex mutex{};
  Status first_failure{};
  std::uint64_t judged = 0;
};

void run_worker(Shared* shared) {
  for (std::uint64_t draw = shared->next++; draw < shared->results.size(); draw = shared->next++) {
    Status done;
    try {  // a library may throw, and a thread must not end by it
      auto result = judge_draw(shared->task, draw);
      if (result) shared->results[draw] = std::move(*result);
      if (!result) done = tl::unexpected(result.error());
    } catch (const std::exception& error) {
      done = fail(ErrorKind::infrastructure, fmt::format("draw {}: {}", draw, error.what()));
    }
    const std::lock_guard guard(shared->mutex);
    if (done) {
      ++shared->judged;
      if (shared->task.request.on_draw) shared->task.request.on_draw(shared->judged);
      continue;
    }
    if (shared->first_failure) shared->first_failure = done;
    shared->next = shared->results.size();
  }
}

Result<std::vector<DrawResult>> judge_draws(const Task& task) {
  std::vector<DrawResult> results(task.request.draws);
  Shared shared{task, results};
  std::vector<std::jthread> workers;
  for (int job = 1; job < task.request.jobs; ++job) workers.emplace_back([&shared] { run_worker(&shared); });
  run_worker(&shared);
  workers.clear();  // joins
  TRY_STATUS(shared.first_failure);
  return results;
}

BoundedShare bounded(std::uint64_t seen, std::uint64_t of) {
  return {seen, of, share_lower_bound(seen, of, bound_confidence),
          share_upper_bound(seen, of, bound_confidence)};
}

VerdictRates rates_of(const std::vector<VerdictKind>& verdicts, std::string refers_to) {
  const auto share = [&](VerdictKind kind) {
    return bounded(static_cast<std::uint64_t>(std::ranges::count(verdicts, kind)), verdicts.size());
  };
  return {verdicts.size(),          std::move(refers_to),
          share(VerdictKind::pass), share(VerdictKind::inconclusive),
          share(VerdictKind::fail), share(VerdictKind::invalid)};
}

// Every variant against every other as its baseline.
Result<std::vector<VerdictKind>> judge_pairs(const Task& task) {
  std::vector<std::optional<Baseline>> whole;
  for (std::size_t variant = 0; variant < task.pool.variants; ++variant)
    whole.emplace_back(Baseline{fmt::format("variant {}", variant + 1), whole_variant(task.pool, variant)});
  std::vector<VerdictKind> verdicts;
  for (const auto& run : whole) {
    for (const auto& other : whole) {
      if (&run == &other) continue;
      TRY(verdict,
          evaluate(run->comparison, task.policy, task.policy.baselines.empty() ? std::nullopt : other));
      verdicts.push_back(verdict.verdict);
    }
  }
  return verdicts;
}

// Each regression in each kernel x load that a rule could find it in.
std::vector<Target> targets_of(const ReplicatePool& pool, const Policy& policy,
                               std::vector<std::string>* not_judged) {
  std::vector<Target> targets;
  for (std::size_t i = 0; i < pool.groups.size(); ++i) {
    const PooledGroup& group = pool.groups[i];
    if (!judges_latency(policy, group.kernel, group.load)) {
      not_judged->push_back(fmt::format("{} x {}", group.kernel, group.load));
      continue;
    }
    const auto added = added_by_plants(group);
    for (std::size_t plant = 0; plant < plant_count; ++plant) targets.push_back({plant, i, added[plant]});
  }
  return targets;
}

bool is_of_latency(const Limit& limit) {
  const Quantity* quantity = find_quantity(limit.quantity);
  return quantity != nullptr && (quantity->kind != QuantityKind::count || limit.quantity == "late");
}

}  // namespace

bool judges_latency(const Policy& policy, const std::string& kernel, const std::string& load) {
  const auto compares = [&](const RatioRule& rule) { return rule.pattern.matches(kernel, load); };
  const auto limits = [&](const BudgetRule& rule) {
    return rule.pattern.matches(kernel, load) &&
           (rule.exceed.has_value() || std::ranges::any_of(rule.limits, is_of_latency));
  };
  return std::ranges::any_of(policy.budgets, limits) || std::ranges::any_of(policy.compares, compares) ||
         std::ranges::any_of(policy.baselines, compares);
}

Status check_can_calibrate(const Policy& policy) {
  const bool by_the_hour = std::ranges::any_of(
      policy.budgets, [](const BudgetRule& rule) { return rule.exceed && rule.exceed->max_per_hour; });
  if (!by_the_hour) return {};
  return fail(ErrorKind::usage,
              fmt::format("{}: has a limit by the hour, and regressions are planted in no order of time, "
                          "which it is judged by",
                          policy.file),
              "calibrate a policy without max_per_hour");
}

Status compute_rates(const ReplicatePool& pool, const Policy& policy, RateRequest request,
                     Calibration* calibration) {
  if (request.replicates == 0) request.replicates = pool.replicates;
  if (2 * request.replicates > pool.size())
    return fail(ErrorKind::usage,
                fmt::format("a run and its baseline of {} replicates cannot be drawn from {} in all",
                            request.replicates, pool.size()),
                fmt::format("draw at most {}, or measure more --variants", pool.size() / 2));
  TRY_STATUS(check_can_calibrate(policy));
  Task task{pool, policy, request};
  task.targets = targets_of(pool, policy, &calibration->not_judged);
  TRY(pairs, judge_pairs(task));  // first, since a policy that does not fit is refused here
  TRY(draws, judge_draws(task));
  std::vector<VerdictKind> verdicts;
  for (const DrawResult& draw : draws) verdicts.push_back(draw.verdict);
  calibration->confidence = bound_confidence;
  calibration->permutations = permutations_made;
  calibration->seed = request.seed;
  calibration->drawn_replicates = request.replicates;
  calibration->draws = rates_of(
      verdicts,
      fmt::format(
          "all ways to draw a run and its baseline of {} replicates from these {} of each kernel x load",
          with_thousands(request.replicates), with_thousands(pool.size())));
  calibration->pairs = rates_of(pairs, fmt::format("these {} null variants, each held against each other",
                                                   with_thousands(pool.variants)));
  for (std::size_t i = 0; i < pool.groups.size(); ++i) {
    const auto alarms = std::ranges::count_if(draws, [&](const DrawResult& draw) { return draw.alarms[i]; });
    calibration->false_alarms.push_back({pool.groups[i].kernel, pool.groups[i].load,
                                         bounded(static_cast<std::uint64_t>(alarms), draws.size())});
  }
  for (std::size_t i = 0; i < task.targets.size(); ++i) {
    const Target& target = task.targets[i];
    const auto found = std::ranges::count_if(draws, [&](const DrawResult& draw) { return draw.found[i]; });
    const PooledGroup& group = pool.groups[target.group];
    calibration->found.push_back({planted_regressions[target.plant].key, group.kernel, group.load,
                                  target.added_ns, bounded(static_cast<std::uint64_t>(found), draws.size())});
  }
  calibration->tests =
      test_variants(pool, permutations_made, RandomDraws(request.seed, {of_permutations}).next());
  return {};
}

}  // namespace loopgate
