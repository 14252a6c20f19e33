#include "gate/program_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

#include "base/text.h"
#include "gate/check_parts.h"
#include "gate/number_text.h"
#include "gate/programs_left_out.h"

namespace loopgate {
namespace {

VerdictKind verdict_of(ProgramVerdict result) {
  switch (result) {
    case ProgramVerdict::pass:
      return VerdictKind::pass;
    case ProgramVerdict::fail:
      return VerdictKind::fail;
    case ProgramVerdict::invalid:
      return VerdictKind::invalid;
    case ProgramVerdict::inconclusive:
    case ProgramVerdict::not_applicable:  // what was not run never passes
      return VerdictKind::inconclusive;
  }
  return VerdictKind::invalid;
}

Check program_check(const GroupEvidence& group, const ProgramEvidence& program, std::string demand) {
  Check check;
  check.kernel = group.kernel;
  check.load = group.load;
  check.program = program.program;
  check.rule = "program";
  check.demand = fmt::format("{}: {}", program.program, demand);
  return check;
}

// "generic.mixed.2: fail: it stopped at its limit"
std::string outcome_text(const ProgramEvidence& program) {
  const ProgramVerdict worst = program.worst();
  if (worst == ProgramVerdict::pass) return "it passed";
  for (const ProgramReplicate& each : program.replicates)
    if (each.result.verdict == worst)
      return fmt::format("{}: {}: {}", each.cell, name_of(worst), printable(each.result.reason));
  return "no cell of it was measured";
}

// What every replicate kept passes as a maximum of an instrument does: where so many kept it that enough of
// all do.
void conclude_kept(const ProgramEvidence& program, const Criteria& criteria, Check* check) {
  if (check->verdict == VerdictKind::pass)
    conclude_finding(program.replicates.size(), {Kept::yes, check->why}, criteria, check);
}

Check result_check(const GroupEvidence& group, const ProgramEvidence& program, const Criteria& criteria) {
  Check check = program_check(group, program, "must pass");
  check.quantity = "result";
  check.verdict = verdict_of(program.worst());
  check.why = outcome_text(program);
  conclude_kept(program, criteria, &check);
  return check;
}

// Its replicates as those of an instrument, so that the same checks judge them.
std::optional<GroupEvidence> as_latencies(const GroupEvidence& group, const ProgramEvidence& program) {
  GroupEvidence own;
  own.kernel = group.kernel;
  own.load = group.load;
  std::vector<std::shared_ptr<const Tail>> tails;
  for (const ProgramReplicate& each : program.replicates) {
    if (each.tail == nullptr || each.tail->count() == 0) return std::nullopt;
    own.cells.push_back(each.cell);
    tails.push_back(each.tail);
    own.replicates.push_back({each.cell, {}, {}, {}, each.tail});
  }
  if (tails.empty()) return std::nullopt;
  own.pooled = std::make_shared<PooledTail>(std::move(tails));
  return own;
}

Check as_programs(Check check, const ProgramEvidence& program) {
  check.demand = fmt::format("{}: {}", program.program, demand_text(check));
  check.program = program.program;
  return check;
}

void add_latency_checks(const GroupEvidence& group, const ProgramEvidence& program, const ProgramRule& rule,
                        Criteria criteria, std::vector<Check>* checks) {
  if (rule.latencies.limits.empty() && !rule.latencies.exceed) return;
  const auto own = as_latencies(group, program);
  if (!own) {
    Check check = program_check(group, program, "its latencies");
    check.quantity = "latency";
    check.verdict = std::max(verdict_of(program.worst()), VerdictKind::inconclusive);
    const auto has = [](const ProgramReplicate& each) {
      return each.tail != nullptr && each.tail->count() != 0;
    };
    check.why = fmt::format(
        "a limit of latencies needs a histogram of every replicate, and {} of {} left none; {} -> have the "
        "program keep one (cyclictest --histogram), or hold a figure of it against a limit (figure = "
        "\"max\")",
        std::ranges::count_if(program.replicates, std::not_fn(has)), program.replicates.size(),
        outcome_text(program));
    return checks->push_back(std::move(check));
  }
  criteria.counted = latencies_noun;
  for (const Limit& limit : rule.latencies.limits)
    checks->push_back(as_programs(check_limit(*own, limit, criteria), program));
  if (rule.latencies.exceed)
    checks->push_back(as_programs(check_exceed(*own, *rule.latencies.exceed, criteria), program));
}

std::string demand_of(const FigureLimit& limit) {
  std::string text = limit.figure;
  if (limit.at_most) text += " at most " + number_text(*limit.at_most, 6);
  if (limit.at_least)
    text += fmt::format("{} at least {}", limit.at_most ? " and" : "", number_text(*limit.at_least, 6));
  return text;
}

// A figure held against one of its bounds. How far it is beyond that one (below 0: it keeps it) says which of
// two is worse.
struct Held {
  VerdictKind verdict = VerdictKind::pass;
  double limit = 0;
  double beyond = -std::numeric_limits<double>::infinity();
  bool operator<(const Held& other) const {
    return verdict != other.verdict ? verdict < other.verdict : beyond < other.beyond;
  }
};

// Where the truth lies. Of a figure that was cut off or rounded up one end is itself left out.
struct Truth {
  double low = 0, high = 0;
  bool without_low = false, without_high = false;
};

Truth truth_of(const ProgramFigure& figure) {
  if (figure.rounded_up)
    return {figure.value - figure.resolution, figure.value, figure.resolution > 0, false};
  return {figure.value, figure.value + figure.resolution, false, figure.resolution > 0};
}

Held held_below(const ProgramFigure& figure, double at_most) {
  Held held{VerdictKind::pass, at_most, figure.value - at_most};
  const Truth truth = truth_of(figure);
  if (truth.without_low ? truth.low >= at_most : truth.low > at_most)
    held.verdict = VerdictKind::fail;
  else if (truth.high > at_most)
    held.verdict = VerdictKind::inconclusive;
  return held;
}

Held held_above(const ProgramFigure& figure, double at_least) {
  Held held{VerdictKind::pass, at_least, at_least - figure.value};
  const Truth truth = truth_of(figure);
  if (truth.without_high ? truth.high <= at_least : truth.high < at_least)
    held.verdict = VerdictKind::fail;
  else if (truth.low < at_least)
    held.verdict = VerdictKind::inconclusive;
  return held;
}

// What the program cuts off leaves a figure at a limit open.
Held hold(const ProgramFigure& figure, const FigureLimit& limit) {
  Held worst;
  if (limit.at_most) worst = std::max(worst, held_below(figure, *limit.at_most));
  if (limit.at_least) worst = std::max(worst, held_above(figure, *limit.at_least));
  return worst;
}

std::string value_text(const ProgramFigure& figure) {
  return fmt::format("{} is {} {}{}", figure.name, number_text(figure.value, 6), figure.unit,
                     figure.resolution > 0
                         ? fmt::format(", {} {}", figure.rounded_up ? "rounded up to" : "cut to",
                                       number_text(figure.resolution, 6))
                         : "");
}

// The limit lies where nobody knows the truth to be. Empty where it does not.
std::string open_text(const ProgramFigure& figure, const Held& held) {
  if (held.verdict != VerdictKind::inconclusive) return {};
  const Truth truth = truth_of(figure);
  return fmt::format(
      ": the truth lies from {} to {}, and so does the limit {} -> take a limit "
      "outside of that, or let the program print a finer figure",
      number_text(truth.low, 6), number_text(truth.high, 6), number_text(held.limit, 6));
}

// The worst of all replicates; of equally bad ones, that which lies the farthest beyond its limit, or the
// nearest to it.
Check figure_check(const GroupEvidence& group, const ProgramEvidence& program, const FigureLimit& limit,
                   const Criteria& criteria) {
  Check check = program_check(group, program, demand_of(limit));
  check.quantity = limit.figure;
  check.verdict = VerdictKind::invalid;
  check.why = outcome_text(program);
  std::optional<Held> worst;
  for (const ProgramReplicate& each : program.replicates) {
    const auto& figures = each.result.figures;
    const auto figure = std::ranges::find(figures, limit.figure, &ProgramFigure::name);
    const bool given = figure != figures.end();
    Held held{std::max(verdict_of(each.result.verdict), VerdictKind::inconclusive),
              limit.at_most.value_or(limit.at_least.value_or(0))};
    if (given) held = hold(*figure, limit);
    if (worst && !(*worst < held)) continue;
    worst = held;
    check.verdict = held.verdict;
    check.why =
        fmt::format("{}: {}", each.cell,
                    given ? value_text(*figure) + open_text(*figure, held)
                          : fmt::format("it gave no figure \"{}\"; {}", limit.figure, outcome_text(program)));
    check.unit = given ? figure->unit : "";
    check.seen = given ? std::optional(figure->value) : std::nullopt;
    check.limit = held.limit;
  }
  conclude_kept(program, criteria, &check);
  return check;
}

Check not_gated_check(const GroupEvidence& group, const ProgramEvidence& program, const char* why) {
  Check check = program_check(group, program, why);
  check.quantity = "result";
  check.verdict = VerdictKind::not_gated;
  check.why = outcome_text(program);
  return check;
}

std::vector<Check> checks_of(const GroupEvidence& group, const ProgramEvidence& program, const Policy& policy,
                             const Criteria& criteria) {
  std::vector<Check> checks;
  bool is_named = false, must_pass = false, may_fail = false;
  for (const ProgramRule& rule : policy.programs) {
    if (!rule.is_of(program.program) || !rule.pattern.matches(group.kernel, group.load)) continue;
    is_named = true;
    must_pass = must_pass || rule.must_pass;
    may_fail = may_fail || rule.may_fail;
    add_latency_checks(group, program, rule, criteria, &checks);
    if (rule.figure) checks.push_back(figure_check(group, program, *rule.figure, criteria));
  }
  const VerdictKind result = verdict_of(program.worst());
  if (may_fail && !must_pass && result != VerdictKind::invalid) {
    checks.insert(checks.begin(),
                  not_gated_check(group, program, "its result is not held against this kernel"));
  } else if (must_pass || result >= VerdictKind::fail) {
    checks.insert(checks.begin(), result_check(group, program, criteria));
  } else if (!is_named) {
    checks.push_back(not_gated_check(group, program, "no rule names it"));
  }
  return checks;
}

}  // namespace

std::vector<Check> program_checks(const GroupEvidence& group, const Policy& policy, const Criteria& criteria,
                                  const std::vector<std::string>& left_out) {
  std::vector<Check> checks;
  for (const ProgramEvidence& program : group.programs) {
    std::vector<Check> own = checks_of(group, program, policy, criteria);
    std::move(own.begin(), own.end(), std::back_inserter(checks));
  }
  std::vector<Check> not_run = left_out_checks(group, policy, left_out);
  std::move(not_run.begin(), not_run.end(), std::back_inserter(checks));
  return checks;
}

}  // namespace loopgate
