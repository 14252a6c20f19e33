#include "gate/verdict_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "stats/unconfirmed.h"

namespace loopgate {

namespace {

bool is_count(const Check& check) { return check.unit == "stimuli"; }

// A PASS names what it is of. Ratios of a baseline are counted in a line of their own, programs stand in
// their table, and counts of stimuli are told where a kernel under a load has no other rule.
bool shows_pass(const Check& check, const Verdict& verdict) {
  if (check.verdict != VerdictKind::pass) return false;
  if (check.rule == "compare") return true;
  if (check.rule != "budget") return false;
  return !is_count(check) || std::ranges::none_of(verdict.checks, [&](const Check& other) {
    return other.kernel == check.kernel && other.load == check.load &&
           (other.rule == "compare" || (other.rule == "budget" && !is_count(other)));
  });
}

}  // namespace

std::string unconfirmed_text(const Comparison& comparison) {
  std::string text;
  for (const std::string& sentence : unconfirmed_sentences(comparison)) text += printable(sentence) + "\n";
  return text;
}

std::string baseline_text(const Verdict& verdict) {
  const auto is_ratio = [](const Check& check) { return check.rule == "baseline"; };
  const auto ratios = std::ranges::count_if(verdict.checks, is_ratio);
  if (!verdict.baseline)
    return ratios == 0 ? std::string()
                       : fmt::format("baseline: none was given, so {} {} not judged (--baseline RUN)\n",
                                     ratios, ratios == 1 ? "ratio was" : "ratios were");
  const auto kept = std::ranges::count_if(verdict.checks, [&](const Check& check) {
    return is_ratio(check) && check.verdict == VerdictKind::pass;
  });
  return fmt::format("baseline {}: {} of {} {} kept\n", *verdict.baseline, kept, ratios,
                     ratios == 1 ? "ratio" : "ratios");
}

std::string passed_budgets_text(const Verdict& verdict) {
  std::string text;
  for (const Check& check : verdict.checks)
    if (shows_pass(check, verdict))
      text += fmt::format("{} x {}: PASS: {}\n", check.kernel, check.load,
                          printable(passed_text(check, verdict.confidence)));
  return text;
}

std::string left_out_text(const Verdict& verdict) {
  std::vector<std::string> names;
  bool any_passed = false;
  bool none_failed = true;
  for (const Check& check : verdict.checks) {
    if (check.left_out.empty()) {
      any_passed = any_passed || check.verdict == VerdictKind::pass;
      none_failed = none_failed && check.verdict <= VerdictKind::pass;
    } else if (check.verdict > VerdictKind::pass) {
      for (const std::string& name : check.left_out)
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  if (names.empty()) return {};
  return fmt::format("{}{} {} did not run: {} -> run the suite with {}, or judge by a policy without {}\n",
                     any_passed && none_failed ? "what ran has passed; " : "", names.size(),
                     names.size() == 1 ? "program" : "programs", fmt::join(names, ", "),
                     names.size() == 1 ? "it" : "them", names.size() == 1 ? "it" : "them");
}

std::string problems_text(const Verdict& verdict) {
  std::string text;
  for (const Check& check : verdict.checks) {
    if (check.verdict == VerdictKind::pass || !check.left_out.empty()) continue;
    if (check.rule == "baseline" && !verdict.baseline) continue;  // baseline_text counts them
    text += fmt::format("{} x {}: {}: {}: {}\n", check.kernel, check.load, name_of(check.verdict),
                        demand_text(check), printable(check.why));
  }
  text += left_out_text(verdict);
  return text;
}

}  // namespace loopgate
