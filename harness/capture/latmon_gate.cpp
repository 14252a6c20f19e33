#include "capture/latmon_gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "base/units.h"
#include "gate/confidence.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct Known {
  const LatmonData& data;
  LatmonSummary summary;
  CountBounds unanswered;
};

// Where no answer was later than a period, every overrun is a stimulus without an answer. Else they can't be
// told apart.
CountBounds unanswered_of(const LatmonData& data, const LatmonSummary& summary) {
  const bool none_late = summary.max_ns / 1000 <= data.request.period_us;
  return {none_late ? summary.overruns : 0, summary.overruns};
}

Check new_check(const LatmonFile& file, const std::string& quantity, const char* unit, double limit) {
  Check check;
  check.kernel = file.board.kernel;
  check.load = file.board.load;
  check.rule = "budget";
  check.quantity = quantity;
  check.unit = unit;
  check.limit = limit;
  return check;
}

std::string range_text(const CountBounds& bounds) {
  if (bounds.least == bounds.most) return bounds.least == 0 ? "none" : with_thousands(bounds.least);
  return fmt::format("from {} to {}", with_thousands(bounds.least), with_thousands(bounds.most));
}

VerdictKind verdict_of(bool surely_kept, bool surely_broken) {
  if (surely_kept) return VerdictKind::pass;
  return surely_broken ? VerdictKind::fail : VerdictKind::inconclusive;
}

void judge_share(const Known& known, std::int64_t limit_ns, double share, double confidence, Check* check) {
  const CountBounds above = count_above(known.data, known.summary, limit_ns);
  const CountBounds beyond{above.least + known.unanswered.least, above.most + known.unanswered.most};
  const std::uint64_t samples = known.summary.samples;
  const double upper = share_upper_bound(beyond.most, samples + known.unanswered.most, confidence);
  const double lower = share_lower_bound(beyond.least, samples + known.unanswered.least, confidence);
  check->verdict = verdict_of(upper <= share, lower > share);
  check->why =
      fmt::format("{} of {} were above {}: at {} confidence from {} to {} are, and {} may be",
                  range_text(beyond), stimuli_text(samples), limit_text(limit_ns), percent_text(confidence),
                  percent_text(lower), percent_text(upper), percent_text(share));
}

void judge_spread(const Known& known, std::int64_t seen_ns, std::int64_t limit_ns, Check* check) {
  check->seen = static_cast<double>(seen_ns);
  check->verdict = verdict_of(seen_ns <= limit_ns && known.unanswered.most == 0,
                              seen_ns > limit_ns || known.unanswered.least > 0);
  check->why =
      fmt::format("it is {} of {}, {} had no answer, and {} is allowed", us_text(seen_ns),
                  stimuli_text(known.summary.samples), range_text(known.unanswered), limit_text(limit_ns));
}

void judge_unanswered(const Known& known, std::int64_t at_most, Check* check) {
  const auto limit = static_cast<std::uint64_t>(at_most);
  check->verdict = verdict_of(known.unanswered.most <= limit, known.unanswered.least > limit);
  check->why = fmt::format("{} had no answer, and {} may have none", range_text(known.unanswered),
                           with_thousands(limit));
}

Check check_limit(const LatmonFile& file, const Known& known, const Limit& limit, double confidence) {
  const Quantity& quantity = *find_quantity(limit.quantity);
  Check check = new_check(file, limit.quantity, quantity.unit(), static_cast<double>(limit.at_most));
  if (quantity.kind == QuantityKind::quantile) {
    judge_share(known, limit.at_most, quantity.share_above(), confidence, &check);
  } else if (limit.quantity == "max") {
    judge_spread(known, known.summary.max_ns, limit.at_most, &check);
  } else if (limit.quantity == "jitter") {
    judge_spread(known, known.summary.max_ns - known.summary.min_ns, limit.at_most, &check);
  } else if (limit.quantity == "unanswered") {
    judge_unanswered(known, limit.at_most, &check);
  } else {
    check.verdict = VerdictKind::invalid;
    check.why = "latmon makes no such count: it knows no deadline, and waits for each answer";
  }
  return check;
}

std::vector<Check> check_budgets(const LatmonFile& file, const Known& known, const Policy& policy) {
  std::vector<Check> checks;
  bool said = false;
  for (const BudgetRule& rule : policy.budgets) {
    if (!rule.pattern.matches(file.board.kernel, file.board.load)) continue;
    for (const Limit& limit : rule.limits) {
      said = said || limit.quantity == "unanswered";
      checks.push_back(check_limit(file, known, limit, policy.confidence));
    }
    if (rule.exceed) {
      Check check =
          new_check(file, "above " + limit_text(rule.exceed->over_ns), "share", rule.exceed->max_fraction);
      judge_share(known, rule.exceed->over_ns, rule.exceed->max_fraction, policy.confidence, &check);
      checks.push_back(std::move(check));
    }
    if (rule.max_wrong_fraction) checks.push_back(check_limit(file, known, {"wrong", 0}, policy.confidence));
  }
  // As everywhere: no stimulus may go unanswered unless a budget says how many.
  if (!checks.empty() && !said)
    checks.push_back(check_limit(file, known, {"unanswered", 0}, policy.confidence));
  return checks;
}

Check whole_check(const LatmonFile& file, std::string why) {
  Check check;
  check.kernel = file.board.kernel;
  check.load = file.board.load;
  check.rule = "cell";
  check.quantity = "outcome";
  check.verdict = VerdictKind::invalid;
  check.why = std::move(why);
  return check;
}

Status check_applies(const LatmonFile& file, const Policy& policy) {
  if (policy.suite != file.board.suite)
    return fail(ErrorKind::usage,
                fmt::format("{}: is a policy for suite {}, and this measurement is of {}", policy.file,
                            policy.suite, file.board.suite),
                "name the suite when measuring: --suite");
  if (policy.time_base != TimeBase::wall_clock)
    return fail(ErrorKind::usage,
                policy.file + ": is a policy for virtual time, and latmon measures wall-clock time");
  if (!policy.compares.empty() || !policy.baselines.empty())
    return fail(
        ErrorKind::usage,
        policy.file +
            ": compares kernels or baselines, and latmon's figures are bounds, which are not compared",
        "keep its budgets in a policy of their own");
  const auto applies = [&](const BudgetRule& rule) {
    return rule.pattern.matches(file.board.kernel, file.board.load);
  };
  if (std::ranges::any_of(policy.budgets, applies)) return {};
  return fail(ErrorKind::usage, fmt::format("{}: has no budget for kernel {} under load {}", policy.file,
                                            file.board.kernel, file.board.load));
}

}  // namespace

Result<Verdict> judge(const LatmonFile& file, const Policy& policy) {
  if (auto fits = check_applies(file, policy); !fits) return tl::unexpected(fits.error());
  Verdict verdict;
  verdict.suite = file.board.suite;
  verdict.board = file.board.board;
  verdict.time_base = TimeBase::wall_clock;
  verdict.policy_file = policy.file;
  verdict.policy_sha256 = policy.sha256;
  verdict.policy_title = policy.title;
  const auto summary = summarize(file.data);
  if (!file.why_incomplete.empty()) {
    verdict.checks = {whole_check(file, file.why_incomplete)};
  } else if (!summary) {
    verdict.checks = {whole_check(file, "no stimulus of it was counted")};
  } else {
    verdict.checks = check_budgets(file, {file.data, *summary, unanswered_of(file.data, *summary)}, policy);
  }
  verdict.verdict = VerdictKind::not_gated;
  for (const Check& check : verdict.checks) verdict.verdict = std::max(verdict.verdict, check.verdict);
  verdict.groups = {{file.board.kernel, file.board.load, verdict.verdict, false}};
  return verdict;
}

Result<Verdict> gate_latmon(const fs::path& folder, const fs::path& policy) {
  std::error_code ignored;
  fs::remove(folder / "verdict.json", ignored);
  auto rules = read_policy(policy);
  if (!rules) return tl::unexpected(rules.error());
  auto file = read_latmon_file(folder / "latmon.json");
  if (!file) return tl::unexpected(file.error());
  auto verdict = judge(*file, *rules);
  if (!verdict) return verdict;
  if (auto done = write_file_atomically(folder / "verdict.json", to_json(*verdict)); !done)
    return tl::unexpected(done.error());
  return verdict;
}

bool holds_latmon(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "latmon.json", ignored) && !fs::exists(folder / "run.json", ignored);
}

}  // namespace loopgate
