#include "gate/policy_rules.h"

#include <fmt/format.h>

#include <cmath>

#include "base/nearest.h"
#include "gate/vain_limits.h"
#include "record/worst_case.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

// A minute; no latency is longer, and larger ones are slips of the pen.
constexpr std::int64_t us_max = 60'000'000;

// No figure of a program is as large: 11 days in ns, and more than it counts.
constexpr double figure_max = 1e15;

constexpr double least_per_hour = 1e-6;

std::int64_t read_us(TomlReader* reader, std::string_view key, std::int64_t value) {
  if (value >= 1 && value <= us_max) return value * 1'000;
  reader->refuse(key, fmt::format("must be from 1 to {} us", us_max));
  return 0;
}

// A latency has its unit in its key.
std::string budget_key(const Quantity& quantity) {
  return quantity.kind == QuantityKind::count ? quantity.key : fmt::format("{}_us", quantity.key);
}

void read_limit(TomlReader* reader, const Quantity& quantity, BudgetRule* rule) {
  const std::string key = budget_key(quantity);
  std::int64_t value = 0;
  if (!reader->optional(key, &value)) return;
  if (quantity.kind != QuantityKind::count) {
    value = read_us(reader, key, value);
  } else if (value < 0) {
    reader->refuse(key, "must not be below 0");
  }
  rule->limits.push_back({quantity.key, value});
}

Status read_exceed(TomlReader* budget, BudgetRule* rule) {
  bool present = false;
  TomlReader reader(budget->table("exceed", &present));
  if (!present) return {};
  ExceedLimit exceed;
  std::int64_t over_us = 1;
  reader.renamed("share_at_most", "max_fraction");
  reader.renamed("per_hour_at_most", "max_per_hour");
  reader.required("over_us", &over_us);
  exceed.over_ns = read_us(&reader, "over_us", over_us);
  double per_hour = 0;
  if (reader.optional("max_per_hour", &per_hour)) {
    exceed.max_per_hour = per_hour;
    if (!(per_hour >= least_per_hour && std::isfinite(per_hour)))
      reader.refuse("max_per_hour",
                    "must be at least 1e-6, which is once in a century (none at all is max_us)");
    if (reader.optional("max_fraction", &exceed.max_fraction))
      reader.refuse("max_fraction", "is of all stimuli, and max_per_hour of an hour: give one of them");
  } else {
    reader.required("max_fraction", &exceed.max_fraction);
    if (!(exceed.max_fraction > 0)) reader.refuse("max_fraction", "must be above 0 and at most 0.5");
    if (const std::string vain = vain_fraction(exceed.max_fraction); !vain.empty())
      reader.refuse("max_fraction", vain);
  }
  rule->exceed = exceed;
  return reader.finish();
}

void read_wrong_fraction(TomlReader* reader, BudgetRule* rule) {
  reader->renamed("wrong_share_at_most", "max_wrong_fraction");
  double share = 0;
  if (!reader->optional("max_wrong_fraction", &share)) return;
  if (!(share > 0))
    reader->refuse("max_wrong_fraction", "must be above 0 and at most 0.5 (none at all is wrong = 0)");
  if (const std::string vain = vain_fraction(share); !vain.empty())
    reader->refuse("max_wrong_fraction", vain);
  rule->max_wrong_fraction = share;
}

void read_worst_case(TomlReader* reader, BudgetRule* rule) {
  for (const WorstCaseQuantity& quantity : worst_case_quantities) {
    const std::string key = fmt::format("{}_us", quantity.key);
    std::int64_t value = 0;
    if (reader->optional(key, &value))
      rule->worst_case.push_back({quantity.key, read_us(reader, key, value)});
  }
}

void read_pattern(TomlReader* reader, Pattern* pattern) {
  reader->required("kernel", &pattern->kernel);
  reader->required("load", &pattern->load);
}

}  // namespace

Result<BudgetRule> read_budget(const TomlTable& table) {
  TomlReader reader(table);
  BudgetRule rule;
  read_pattern(&reader, &rule.pattern);
  for (const Quantity& quantity : quantities)
    if (quantity.used(in_budgets)) read_limit(&reader, quantity, &rule);
  read_worst_case(&reader, &rule);
  read_wrong_fraction(&reader, &rule);
  const Status exceed = read_exceed(&reader, &rule);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (!exceed) return tl::unexpected(exceed.error());
  if (rule.limits.empty() && rule.worst_case.empty() && !rule.exceed && !rule.max_wrong_fraction)
    return fail(ErrorKind::usage, fmt::format("{}: {} has no limit in it", table.file(), table.where()),
                "give it one, such as max_us = 100");
  if (const std::string vain = vain_limit(rule); !vain.empty())
    return fail(ErrorKind::usage, fmt::format("{}: {}: {}", table.file(), table.where(), vain),
                "lower it, or leave it out");
  return rule;
}

namespace {

Status read_figure(TomlReader* reader, ProgramRule* rule) {
  FigureLimit limit;
  double at_most = 0, at_least = 0;
  const bool has_figure = reader->optional("figure", &limit.figure);
  if (reader->optional("at_most", &at_most)) limit.at_most = at_most;
  if (reader->optional("at_least", &at_least)) limit.at_least = at_least;
  if (has_figure != (limit.at_most || limit.at_least))
    reader->refuse("figure", "needs at_most or at_least, and they need it");
  if (limit.at_most && !(at_most >= 0 && std::isfinite(at_most)))
    reader->refuse("at_most", "must not be below 0: no figure is");
  if (limit.at_most && at_most > figure_max)
    reader->refuse("at_most", "cannot fail: no figure is above 1e15");
  if (limit.at_least && !(at_least > 0 && std::isfinite(at_least)))
    reader->refuse("at_least", "cannot fail: no figure is below 0");
  if (limit.at_most && limit.at_least && at_least > at_most)
    reader->refuse("at_least", "must not be above at_most");
  if (has_figure) rule->figure = limit;
  return {};
}

}  // namespace

// Without those that count stimuli: a program has none.
Result<ProgramRule> read_program_rule(const TomlTable& table) {
  TomlReader reader(table);
  ProgramRule rule;
  std::string result;
  read_pattern(&reader, &rule.pattern);
  reader.required("program", &rule.program);
  if (reader.optional("result", &result) && result != "pass" && result != "any")
    reader.refuse("result", "must be pass or any");
  rule.must_pass = result == "pass";
  rule.may_fail = result == "any";
  for (const Quantity& quantity : quantities)
    if (quantity.used(in_budgets) && quantity.kind != QuantityKind::count)
      read_limit(&reader, quantity, &rule.latencies);
  const Status exceed = read_exceed(&reader, &rule.latencies);
  TRY_STATUS(read_figure(&reader, &rule));
  TRY_STATUS(reader.finish());
  TRY_STATUS(exceed);
  if (rule.latencies.exceed && rule.latencies.exceed->max_per_hour)
    return fail(ErrorKind::usage,
                fmt::format("{}: {}.exceed: a program's latencies have max_fraction, and no max_per_hour",
                            table.file(), table.where()),
                "its histogram does not say when each was");
  rule.latencies.pattern = rule.pattern;
  if (!rule.must_pass && !rule.may_fail && rule.latencies.limits.empty() && !rule.latencies.exceed &&
      !rule.figure)
    return fail(ErrorKind::usage, fmt::format("{}: {} has no limit in it", table.file(), table.where()),
                "give it one, such as result = \"pass\"");
  if (const std::string vain = vain_limit(rule.latencies); !vain.empty())
    return fail(ErrorKind::usage, fmt::format("{}: {}: {}", table.file(), table.where(), vain),
                "lower it, or leave it out");
  return rule;
}

namespace {

std::vector<std::string> ratio_keys() {
  std::vector<std::string> keys;
  for (const Quantity& quantity : quantities)
    if (quantity.used(in_ratios)) keys.emplace_back(quantity.key);
  for (const WorstCaseQuantity& quantity : worst_case_quantities) keys.emplace_back(quantity.key);
  return keys;
}

}  // namespace

Result<RatioRule> read_ratio(const TomlTable& table, bool with_against) {
  TomlReader reader(table);
  RatioRule rule;
  read_pattern(&reader, &rule.pattern);
  if (with_against) {
    reader.required("against", &rule.against);
    if (rule.pattern.kernel == "*") reader.refuse("kernel", "must name one kernel");
    if (rule.against == "*") reader.refuse("against", "must name one kernel");
    if (rule.against == rule.pattern.kernel) reader.refuse("against", "must be another kernel than `kernel`");
  }
  reader.renamed("ratio_at_most", "max_ratio");
  reader.required("quantity", &rule.quantity);
  reader.required("max_ratio", &rule.max_ratio);
  const Quantity* quantity = find_quantity(rule.quantity);
  const bool of_worst_case = find_worst_case_quantity(rule.quantity) != nullptr;
  if (!of_worst_case && (quantity == nullptr || !quantity->used(in_ratios)))
    reader.refuse("quantity", must_be_one_of(rule.quantity, ratio_keys()));
  if (!(rule.max_ratio > 0 && std::isfinite(rule.max_ratio))) reader.refuse("max_ratio", "must be above 0");
  if (const std::string vain = vain_ratio(rule.max_ratio, !with_against); !vain.empty())
    reader.refuse("max_ratio", vain);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return rule;
}

}  // namespace loopgate
