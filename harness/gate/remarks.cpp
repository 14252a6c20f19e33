#include "gate/remarks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "stats/lost_edges_text.h"
#include "stats/quantities.h"
#include "stats/same_kernels.h"
#include "stats/unconfirmed.h"

namespace loopgate {
namespace {

bool idle_alone_was_judged(const Verdict& verdict) {
  bool judged = false;
  for (const GroupVerdict& group : verdict.groups) {
    if (group.verdict == VerdictKind::not_gated) continue;
    if (group.load != "idle") return false;
    judged = true;
  }
  return judged;
}

bool is_compared(const Verdict& verdict, const GroupEvidence& group) {
  return std::ranges::any_of(verdict.checks, [&](const Check& check) {
    return check.rule == "baseline" && check.kernel == group.kernel && check.load == group.load;
  });
}

// Whether all that was compared is equal.
bool has_equal_baseline(const Verdict& verdict, const Comparison& run, const Comparison& baseline) {
  bool any = false;
  for (const GroupEvidence& group : run.groups) {
    if (!is_compared(verdict, group)) continue;
    const GroupEvidence* theirs = find_group(baseline, group.kernel, group.load);
    if (theirs == nullptr || !has_equal_samples(group, *theirs)) return false;
    any = true;
  }
  return any;
}

bool same_inputs(const GroupEvidence& ours, const GroupEvidence& theirs) {
  return std::ranges::equal(ours.replicates, theirs.replicates, [](const Replicate& a, const Replicate& b) {
    return !a.inputs_sha256.empty() && a.inputs_sha256 == b.inputs_sha256;
  });
}

// Where some of what was compared did not change at all, and the rest did.
std::string identical_remark(const Verdict& verdict, const Comparison& run, const Comparison& baseline) {
  std::vector<std::string> names;
  std::size_t compared = 0;
  for (const GroupEvidence& group : run.groups) {
    if (!is_compared(verdict, group)) continue;
    ++compared;
    const GroupEvidence* theirs = find_group(baseline, group.kernel, group.load);
    if (theirs != nullptr && has_equal_samples(group, *theirs) && same_inputs(group, *theirs))
      names.push_back(group.kernel + " x " + group.load);
  }
  if (names.empty() || names.size() == compared) return {};
  return fmt::format(
      "Identical to the baseline by inputs and samples, so that nothing of them changed: {} of {}: "
      "{}.",
      names.size(), compared, fmt::join(names, ", "));
}

// Different kernels may run the same instructions, as those of one source and two build stamps do. Or
// somebody copied.
std::vector<std::string> equal_samples_remarks(const Comparison& run) {
  std::vector<std::string> remarks;
  const auto known = [](const GroupEvidence& group) { return !group.kernel_in_effect_sha256.empty(); };
  for (std::size_t i = 0; i < run.groups.size(); ++i)
    for (std::size_t j = i + 1; j < run.groups.size(); ++j) {
      const GroupEvidence& one = run.groups[i];
      const GroupEvidence& other = run.groups[j];
      if (one.load != other.load || !known(one) || !known(other) || is_same_kernel(one, other) ||
          !has_equal_samples(one, other))
        continue;
      remarks.push_back(fmt::format(
          "Kernels {} and {} differ in image, arguments in effect or tuning, and their samples under load {} "
          "are "
          "equal to the byte: what differs was not run, or the files of one are copies of the other's.",
          one.kernel, other.kernel, one.load));
    }
  return remarks;
}

// Away from what was seen: a bound must hold as it is printed.
std::string growth_text(double growth) {
  const double percent = growth * 100;
  const double step = percent < 10 ? 0.1 : 1;
  return fmt::format("{:.2g} %", std::ceil(percent / step - 1e-9) * step);
}

// Of the checks that passed by an interval, the largest growth within it: "p50 0.4 % (generic, mixed)".
std::vector<std::string> largest_growths(const Verdict& verdict) {
  std::vector<std::string> texts;
  for (const Quantity& quantity : quantities) {
    const Check* widest = nullptr;
    for (const Check& check : verdict.checks) {
      if (check.rule != "baseline" || check.verdict != VerdictKind::pass || !check.interval ||
          check.quantity != quantity.key || check.interval->high <= 1)
        continue;
      if (widest == nullptr || check.interval->high > widest->interval->high) widest = &check;
    }
    if (widest != nullptr)
      texts.push_back(fmt::format("{} {} ({}, {})", quantity.label, growth_text(widest->interval->high - 1),
                                  widest->kernel, widest->load));
  }
  return texts;
}

// What a policy's [[baseline]] could have named and did not, of what the table shows: p99 of a kernel may
// double unseen. Of all that was judged "p99.9"; of some "p99 (generic, mixed; generic, idle)".
std::vector<std::string> not_held_against_baseline(const Verdict& verdict) {
  std::vector<std::string> texts;
  for (const Quantity& quantity : quantities) {
    if (!quantity.used(in_ratios) || !quantity.used(in_tables)) continue;
    std::vector<std::string> groups;
    std::size_t judged = 0;
    for (const GroupVerdict& group : verdict.groups) {
      if (group.verdict == VerdictKind::not_gated) continue;
      ++judged;
      const bool held = std::ranges::any_of(verdict.checks, [&](const Check& check) {
        return check.rule == "baseline" && check.quantity == quantity.key && check.kernel == group.kernel &&
               check.load == group.load;
      });
      if (!held) groups.push_back(group.kernel + ", " + group.load);
    }
    if (groups.empty()) continue;
    texts.push_back(groups.size() == judged
                        ? std::string(quantity.label)
                        : fmt::format("{} ({})", quantity.label, fmt::join(groups, "; ")));
  }
  return texts;
}

// What no rule judges passes nothing, and nobody should have to look for why.
std::string nothing_gated_remark(const Verdict& verdict) {
  if (verdict.verdict != VerdictKind::inconclusive ||
      std::ranges::any_of(verdict.groups,
                          [](const GroupVerdict& group) { return group.verdict != VerdictKind::not_gated; }))
    return {};
  return "INCONCLUSIVE: no rule of the policy gates anything of this run, so nothing could fail -> give it a "
         "[[budget]] with a limit or result = \"pass\".";
}

// Where no baseline can be given, none is asked for.
std::string growth_remark(const Verdict& verdict, const Comparison& run) {
  if (verdict.verdict != VerdictKind::pass) return {};
  const bool can_be_compared = !run.suite.sha256.empty() && !run.has_programs_alone();
  if (!verdict.baseline)
    return fmt::format("This PASS says that limits are kept: it shows no change that stays within them{}.",
                       can_be_compared ? ", which a policy's [[baseline]] and --baseline do" : "");
  const auto growths = largest_growths(verdict);
  if (growths.empty()) return {};
  const auto not_held = not_held_against_baseline(verdict);
  return fmt::format(
      "Against the baseline, at {} confidence, these grew by at most: {}.{}",
      percent_text(verdict.confidence), fmt::join(growths, ", "),
      not_held.empty() ? "" : fmt::format(" Not held against it: {}.", fmt::join(not_held, ", ")));
}

}  // namespace

std::vector<std::string> remarks_on(const Verdict& verdict, const Comparison& run,
                                    const std::optional<Baseline>& baseline) {
  std::vector<std::string> remarks;
  if (std::string text = nothing_gated_remark(verdict); !text.empty()) remarks.push_back(std::move(text));
  if (idle_alone_was_judged(verdict))
    remarks.emplace_back("Load idle alone was judged: this says nothing of a kernel under load.");
  if (baseline && has_equal_baseline(verdict, run, baseline->comparison))
    remarks.push_back(
        fmt::format("The baseline {} is equal to the byte: the runs have the same samples, as the same build "
                    "run again has, or a copy of this run.",
                    baseline->name));
  if (baseline)
    if (std::string text = identical_remark(verdict, run, baseline->comparison); !text.empty())
      remarks.push_back(std::move(text));
  if (!run.bench_trusted)
    remarks.emplace_back(
        "The bench was not found sound after the last cell: no kernel is blamed for what had no answer.");
  for (std::string& sentence : equal_samples_remarks(run)) remarks.push_back(std::move(sentence));
  for (std::string& sentence : lost_edges_sentences(run)) remarks.push_back(std::move(sentence));
  for (std::string& sentence : unconfirmed_sentences(run)) remarks.push_back(std::move(sentence));
  if (std::string text = growth_remark(verdict, run); !text.empty()) remarks.push_back(std::move(text));
  return remarks;
}

}  // namespace loopgate
