#include "bisect/bisect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/elapsed.h"
#include "bisect/bisect_text.h"
#include "bisect/commit_range.h"
#include "bisect/step_log.h"
#include "config/kernel_toml.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* good_folder = "good";
constexpr const char* good_again_folder = "good-again";
constexpr const char* bad_folder = "bad";
constexpr const char* asked_folder = "asked";  // of a single step
constexpr std::size_t shown_digits = 16;       // of a digest

// All that decides what a step comes to; not what it is called, nor where it stands.
std::string inputs_of(const KernelDifference& difference, const PreparedKernel& good,
                      const BenchSetup& setup) {
  const Plan& plan = good.session.plan;
  nlohmann::json loads = nlohmann::json::array();
  for (const Load& load : plan.loads) loads.push_back(load.sha256);
  nlohmann::json inputs = {
      {"good", to_toml(difference.good)},
      {"bad", to_toml(difference.bad)},
      {"policy", setup.policy.sha256},
      {"suite", plan.suite.sha256},
      {"board", plan.board.sha256},
      {"loads", std::move(loads)},
      {"samples", plan.samples},
      {"repeat", plan.repeat},
      {"seed", plan.seed},
      {"inputs", setup.plan.inputs},
      {"good_kernel", good.kernel_sha256},
      {"options", {to_fragment(difference.good_options), to_fragment(difference.bad_options)}},
  };
  if (have_commits_apart(difference.good, difference.bad))
    inputs["unknown_options"] = "left out";  // an earlier version judged no commit without them
  return sha256_of(inputs.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

BisectRecord beginning_of(const BisectRequest& request, const KernelDifference& difference,
                          const PreparedKernel& good, const BenchSetup& setup) {
  BisectRecord record;
  const Plan& plan = good.session.plan;
  record.inputs_sha256 = inputs_of(difference, good, setup);
  record.suite = {plan.suite.name, plan.suite.sha256};
  record.board = {plan.board.name, plan.board.sha256};
  for (const Load& load : plan.loads) record.loads.push_back({load.name, load.sha256});
  record.policy = {fs::path(setup.policy.file).filename().string(), setup.policy.sha256};
  record.good = {request.good.name, request.good.sha256};
  record.bad = {request.bad.name, request.bad.sha256};
  for (const KernelChange& change : difference.changes)
    record.changes.push_back({name_of(change.kind), change.was, change.becomes, change.text()});
  return record;
}

BisectStep step_of(std::string name, const Trial& trial, std::string what, std::string kernel_sha256,
                   double total_s) {
  BisectStep step;
  step.name = std::move(name);
  step.changes.assign(trial.changes.begin(), trial.changes.end());
  step.commit = trial.commit;
  step.reverted = trial.reverted;
  step.what = std::move(what);
  step.kernel_sha256 = std::move(kernel_sha256);
  step.total_s = total_s;
  return step;
}

// It does not build, or is not there. Both ends could be had, so it is this kernel's.
JudgedStep not_to_be_had(const Error& error) {
  JudgedStep step;
  step.result = StepResult::cannot_test;
  step.why = error.what;
  return step;
}

// An end is refused by the user's words for it.
tl::unexpected<Error> end_refused(const char* end, const char* is, const std::string& why,
                                  const std::string& next_step) {
  return fail(ErrorKind::usage, fmt::format("the {} end is {}: {}", end, is, why), next_step);
}

Result<JudgedStep> judge_good_again(const KernelBench& bench, const Kernel& good, const fs::path& folder,
                                    const Comparison& baseline) {
  const bool on_virtual_time = baseline.time_base == TimeBase::virtual_time;
  TRY(prepared, bench.prepare(good, folder / good_again_folder, on_virtual_time ? 1 : 0));
  TRY(step, bench.judge(&prepared, baseline, true));
  constexpr const char* loosen =
      "name other ends, or a --policy that chance does not break: loopgate calibrate tells how often one "
      "errs";
  if (step.invalid) return end_refused("good", "not measured", step.why, "see the cell's outcome.json");
  if (step.result == StepResult::bad) return end_refused("good", "bad", step.why, loosen);
  if (step.result != StepResult::good)
    return end_refused("good", "undecided", step.why, "measure more, by --repeat and --samples");
  return step;
}

Result<Comparison> measure_good(const KernelBench& bench, PreparedKernel* prepared) {
  TRY(measured, bench.measure(prepared));
  for (const GroupEvidence& group : measured.groups)
    for (const UnmeasuredCell& cell : group.invalid) {
      if (cell.kernel_failed()) return end_refused("good", "bad", cell.reason, "name a kernel that works");
      return fail(ErrorKind::infrastructure, fmt::format("the good end: {}: {}", cell.cell, cell.reason),
                  cell.next_step);
    }
  return measured;
}

// Of a tree that `git bisect run` checks out, the good end would be whatever stands there now.
Status check_can_be_told_apart(const BisectRequest& request) {
  const auto* good = std::get_if<BuildSource>(&request.good.source);
  const auto* asked = std::get_if<BuildSource>(&request.bad.source);
  // A commit is built from a clone of ours, whatever is checked out.
  if (good == nullptr || asked == nullptr || good->tree.empty() || !good->commit.empty() ||
      good->tree.lexically_normal() != asked->tree.lexically_normal())
    return {};
  return fail(
      ErrorKind::usage,
      fmt::format("the good end is built from {}, which is the tree of the kernel that is judged: it would "
                  "change with it",
                  good->tree.string()),
      "name the good end's image with [source] image, or a tree of its own");
}

// The commits are one difference until they are known to be needed.
Result<SearchSpace> search_space(const KernelDifference& difference) {
  SearchSpace space;
  space.changes = difference.changes.size();
  if (!have_commits_apart(difference.good, difference.bad)) return space;
  const auto place = std::ranges::find(difference.changes, ChangeKind::commits, &KernelChange::kind);
  space.commit_change = static_cast<std::size_t>(place - difference.changes.begin());
  const auto& good = std::get<BuildSource>(difference.good.source);
  TRY(range, read_commit_range(good.tree, good.commit, std::get<BuildSource>(difference.bad.source).commit));
  space.commits = std::move(range.commits);
  space.graph = std::move(range.graph);
  return space;
}

Kernel kernel_of(const KernelDifference& difference, const Trial& trial) {
  Kernel kernel = with_changes(difference, trial.changes);
  if (auto* build = std::get_if<BuildSource>(&kernel.source)) {
    // A commit before the one that brings an option has none of it, and is a kernel all the same.
    build->unknown_options_allowed |= have_commits_apart(difference.good, difference.bad);
    if (!trial.commit.empty()) build->commit = trial.commit;
    if (!trial.reverted.empty()) build->reverted.push_back(trial.reverted);
  }
  return kernel;
}

// Of its one kernel.
const std::vector<std::string>& left_out(const PreparedKernel& prepared) {
  return prepared.session.kernels.front().build.unknown_options;
}

std::string left_out_text(const PreparedKernel& prepared) {
  if (left_out(prepared).empty()) return {};
  return fmt::format(", left out since its sources have no such option: {}",
                     fmt::join(left_out(prepared), ", "));
}

// An option that both ends have is a part of what is compared: a kernel without it is another one.
std::optional<JudgedStep> lacks_what_both_have(const KernelDifference& difference,
                                               const PreparedKernel& prepared) {
  for (const std::string& option : left_out(prepared)) {
    const bool differs = std::ranges::any_of(difference.changes, [&](const KernelChange& change) {
      return change.kind == ChangeKind::option && (change.was == option || change.becomes == option);
    });
    if (differs) continue;
    JudgedStep step;
    step.result = StepResult::cannot_test;
    step.why = fmt::format("its sources have no {}, which both ends have", option);
    return step;
  }
  return std::nullopt;
}

// One bisection on its way.
class Bisection {
 public:
  Bisection(const BisectRequest& request, const KernelBench& bench, KernelDifference difference)
      : request_(request), bench_(bench), difference_(std::move(difference)) {}

  Result<BisectRecord> run() {
    TRY(space, search_space(difference_));
    TRY(good, bench_.prepare(request_.good, request_.folder / good_folder));
    BisectRecord beginning = beginning_of(request_, difference_, good, bench_.setup());
    beginning.commits = space.commits;
    TRY(log, StepLog::open(request_.folder, std::move(beginning)));
    log_.emplace(std::move(log));
    for (const BisectStep& step : log_->record().steps) tell(step);
    TRY_STATUS(verify_good(&good));
    TRY_STATUS(verify_bad(good.kernel_sha256));
    TRY(found, find_culprit(space, [&](const Trial& trial) { return judge(trial); }));
    TRY_STATUS(log_->finish(answer_of(difference_, found)));
    return log_->record();
  }

 private:
  void tell(const BisectStep& step) const {
    if (request_.on_step) request_.on_step(step);
  }

  Status keep(BisectStep step, const JudgedStep& judged) {
    step.result = judged.result;
    step.why = judged.why;
    step.quantity = judged.quantity;
    step.seen = judged.seen;
    step.limit = judged.limit;
    step.kernel_failed = judged.kernel_failed;
    TRY_STATUS(log_->add(step));
    tell(step);
    return {};
  }

  Status verify_good(PreparedKernel* good) {
    const auto start = std::chrono::steady_clock::now();
    TRY(measured, measure_good(bench_, good));
    baseline_ = std::move(measured);
    const Trial none;
    if (log_->of_trial(none) != nullptr) return {};
    TRY(step, judge_good_again(bench_, request_.good, request_.folder, baseline_));
    return keep(step_of(good_folder, none, "the good end", good->kernel_sha256, seconds_since(start)), step);
  }

  Status verify_bad(const std::string& good_sha256) {
    const Trial all{all_changes(difference_.changes.size()), {}, {}};
    if (const BisectStep* known = log_->of_trial(all)) {
      failing_is_bad_ = known->kernel_failed;
      return {};
    }
    const auto start = std::chrono::steady_clock::now();
    TRY(prepared, bench_.prepare(request_.bad, request_.folder / bad_folder));
    if (!good_sha256.empty() && prepared.kernel_sha256 == good_sha256)
      return fail(ErrorKind::usage,
                  "both ends are the same kernel: equal image, arguments and tuning, so nothing can differ",
                  "name two kernels");
    TRY(step, bench_.judge(&prepared, baseline_, true));
    if (step.invalid) return end_refused("bad", "not measured", step.why, "see the cell's outcome.json");
    if (step.result == StepResult::good)
      return end_refused("bad", "good", step.why, "name other ends, or a --policy that sees the difference");
    if (step.result != StepResult::bad)
      return end_refused("bad", "undecided", step.why, "measure more, by --repeat and --samples");
    failing_is_bad_ = step.kernel_failed;
    return keep(step_of(bad_folder, all, "the bad end", prepared.kernel_sha256, seconds_since(start)), step);
  }

  Result<StepResult> judge(const Trial& trial) {
    if (const BisectStep* known = log_->of_trial(trial)) return known->result;
    const auto start = std::chrono::steady_clock::now();
    BisectStep step = step_of(log_->next_name(), trial, trial_text(difference_, trial), {}, 0);
    auto prepared = bench_.prepare(kernel_of(difference_, trial), request_.folder / step.name, 0,
                                   fragment_with(difference_, trial.changes));
    JudgedStep judged;
    if (!prepared && prepared.error().kind == ErrorKind::usage) {
      judged = not_to_be_had(prepared.error());
    } else if (!prepared) {
      return tl::unexpected(prepared.error());
    } else if (const auto other = lacks_what_both_have(difference_, *prepared)) {
      judged = *other;
    } else if (const BisectStep* same = log_->of_kernel(prepared->kernel_sha256)) {
      judged = {same->result, same->why, same->quantity, same->seen, same->limit, same->kernel_failed, false};
      step.same_as = same->name;
    } else {
      TRY(measured, bench_.judge(&*prepared, baseline_, failing_is_bad_));
      judged = std::move(measured);
    }
    if (prepared) {
      step.kernel_sha256 = prepared->kernel_sha256;
      step.what += left_out_text(*prepared);
    }
    step.total_s = seconds_since(start);
    TRY_STATUS(keep(std::move(step), judged));
    return judged.result;
  }

  const BisectRequest& request_;
  const KernelBench& bench_;
  KernelDifference difference_;
  std::optional<StepLog> log_;
  Comparison baseline_;
  bool failing_is_bad_ = false;
};

}  // namespace

Result<KernelDifference> differences_of(const BisectRequest& request) {
  TRY(ends, read_ends(request.good, request.bad));
  KernelDifference difference = difference_between(std::move(ends.first), std::move(ends.second));
  if (!difference.changes.empty()) return difference;
  return fail(ErrorKind::usage,
              fmt::format("kernels {} and {} differ in nothing that can be searched: source, options, "
                          "arguments and tuning are equal",
                          request.good.name, request.bad.name),
              "name two kernels' files that differ");
}

Result<BisectRecord> run_bisect(const BisectRequest& request, const KernelBench& bench) {
  TRY(difference, differences_of(request));
  return Bisection(request, bench, std::move(difference)).run();
}

Result<JudgedStep> judge_one(const BisectRequest& request, const KernelBench& bench) {
  TRY_STATUS(check_can_be_told_apart(request));
  TRY(good, bench.prepare(request.good, request.folder / good_folder));
  TRY(baseline, measure_good(bench, &good));
  TRY(again, judge_good_again(bench, request.good, request.folder, baseline));
  auto prepared = bench.prepare(request.bad, request.folder / asked_folder);
  if (!prepared && prepared.error().kind == ErrorKind::usage) return not_to_be_had(prepared.error());
  if (!prepared) return tl::unexpected(prepared.error());
  if (!good.kernel_sha256.empty() && prepared->kernel_sha256 == good.kernel_sha256) {
    again.why = "it is the same kernel as the good end";
    return again;
  }
  // A kernel that was judged before is not measured again.
  prepared->folder = request.folder / "judged" / prepared->kernel_sha256.substr(0, shown_digits);
  TRY(judged, bench.judge(&*prepared, baseline, request.failing_is_bad));
  judged.why += left_out_text(*prepared);
  return judged;
}

}  // namespace loopgate
