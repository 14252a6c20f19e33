#include "bisect/bisect_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gate/verdict.h"

namespace loopgate {
namespace {

using ChangeText = std::string (KernelChange::*)() const;

std::string named_changes(const KernelDifference& difference, const ChangeSet& changes,
                          ChangeText text = &KernelChange::text) {
  std::vector<std::string> texts;
  for (const std::size_t change : changes) texts.push_back((difference.changes[change].*text)());
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string culprit_text(const KernelDifference& difference, const FoundCulprit& found) {
  const std::string changes = named_changes(difference, found.set.changes);
  std::string text = found.set.changes.size() == 1
                         ? fmt::format("The good end is bad with {}.", changes)
                         : fmt::format("The good end is bad with {} together.", changes);
  if (found.commits.size() == 1) text += fmt::format(" The first bad commit is {}.", found.commits.front());
  if (found.commits.size() > 1)
    text += fmt::format(" The first bad commit is one of these {}, which could not be told apart: {}.",
                        found.commits.size(), fmt::join(found.commits, " "));
  return text;
}

std::string minimal_text(const KernelDifference& difference, const MinimalSet& set) {
  if (set.not_shown_needed.empty())
    return set.changes.size() == 1 ? "" : " Without any one of them it is good.";
  return fmt::format(" Not shown to be needed, since the rest could not be judged without it: {}.",
                     named_changes(difference, set.not_shown_needed));
}

std::string taken_back_text(const FoundCulprit& found) {
  if (!found.taken_back) return " Nothing was taken back from the bad end.";
  const std::string bad_end =
      found.set.changes.size() == 1 ? "the bad end without it" : "the bad end without them";
  switch (*found.taken_back) {
    case StepResult::good:
      return fmt::format(" And {} is good.", bad_end);
    case StepResult::bad:
      return fmt::format(" But {} is still bad: something else makes it bad, too.", bad_end);
    case StepResult::cannot_test:
      return fmt::format(" Whether {} is good could not be tested.", bad_end);
    case StepResult::undecided:
      return fmt::format(" Whether {} is good is undecided.", bad_end);
  }
  return "";
}

std::vector<std::int64_t> as_numbers(const ChangeSet& changes) { return {changes.begin(), changes.end()}; }

}  // namespace

std::string trial_text(const KernelDifference& difference, const Trial& trial) {
  if (trial.changes.empty()) return "the good end";
  const ChangeSet rest = without(all_changes(difference.changes.size()), trial.changes);
  std::string text = "the bad end";
  if (!rest.empty() && rest.size() < trial.changes.size()) {
    text += " with " + named_changes(difference, rest, &KernelChange::undone_text);
  } else if (!rest.empty()) {
    text = "the good end with " + named_changes(difference, trial.changes);
  }
  if (!trial.commit.empty()) text += fmt::format(" at commit {:.12}", trial.commit);
  if (!trial.reverted.empty()) text += fmt::format(" without commit {:.12}", trial.reverted);
  return text;
}

std::string step_text(const BisectStep& step) {
  const std::string same = step.same_as.empty() ? "" : fmt::format(" (the same kernel as {})", step.same_as);
  return fmt::format("{}: {}: {}{}{}{}", step.name, name_of(step.result), step.what, same,
                     step.why.empty() ? "" : ": ", printable(step.why));
}

BisectAnswer answer_of(const KernelDifference& difference, const FoundCulprit& found) {
  BisectAnswer answer;
  answer.changes = as_numbers(found.set.changes);
  answer.not_shown_needed = as_numbers(found.set.not_shown_needed);
  answer.commits = found.commits;
  if (found.taken_back) answer.taken_back = name_of(*found.taken_back);
  answer.text =
      culprit_text(difference, found) + minimal_text(difference, found.set) + taken_back_text(found);
  answer.sure =
      found.set.not_shown_needed.empty() && found.commits.size() <= 1 && found.taken_back == StepResult::good;
  return answer;
}

std::string bisect_text(const BisectRecord& record) {
  std::string text = fmt::format("suite {} · board {} · policy {}\n", record.suite.name, record.board.name,
                                 printable(record.policy.name));
  std::size_t name_width = 4;
  for (const BisectStep& step : record.steps) name_width = std::max(name_width, step.name.size());
  text += fmt::format("{:<{}}  {:<11}  {:>7}  kernel\n", "step", name_width, "result", "ratio");
  for (const BisectStep& step : record.steps)
    text += fmt::format("{:<{}}  {:<11}  {:>7}  {}\n", step.name, name_width, name_of(step.result),
                        step.seen ? fmt::format("{:.4g}", *step.seen) : "-", printable(step.what));
  if (record.answer) text += printable(record.answer->text) + "\n";
  return text;
}

}  // namespace loopgate
