#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "gate/worst_case_figure.h"

namespace loopgate {
namespace {

// More than that between two hunts, and the shorter one's maximum is no smaller one.
constexpr double effort_apart = 2;

WorstCaseFigure none(VerdictKind verdict, std::string why) { return {{}, {}, verdict, std::move(why)}; }

// A kernel that fails each time is the kernel's fault.
std::string failed_again(const GroupEvidence& group) {
  for (const HuntedCell& cell : group.hunted)
    for (const HuntedFailure& each : cell.kernel_failures)
      if (each.repeated)
        return fmt::format("the kernel failed in a hunted run of {}, and again when that was made again: {}",
                           cell.cell, each.what);
  return {};
}

// One that fails once only is of no run that repeats.
std::string failed_once(const GroupEvidence& group) {
  for (const HuntedCell& cell : group.hunted)
    for (const HuntedFailure& each : cell.kernel_failures)
      if (!each.repeated)
        return fmt::format(
            "the kernel failed in a hunted run of {}, and not when that was made again: {} "
            "-> `loopgate hunt` with --cell {} --repeat-failures",
            cell.cell, each.what, cell.cell);
  return {};
}

// No latency is longer than one that has no end.
std::string unanswered_of(const GroupEvidence& group) {
  if (const std::uint64_t random = group.summary.counts.unanswered; random > 0)
    return fmt::format("{} had no answer", stimuli_text(random));
  for (const HuntedCell& cell : group.hunted)
    if (cell.unanswered > 0)
      return fmt::format("{} hunted in {} had no answer", stimuli_text(cell.unanswered), cell.cell);
  return {};
}

std::int64_t largest_sample(const GroupEvidence& group) {
  std::int64_t max_ns = 0;
  for (const Replicate& each : group.replicates)
    if (each.latency) max_ns = std::max(max_ns, each.latency->max);
  return max_ns;
}

std::string counts_text(const GroupEvidence& group) {
  std::uint64_t hunted = 0;
  for (const HuntedCell& cell : group.hunted) hunted += cell.stimuli;
  return fmt::format("the largest of {} hunted and {} at random", stimuli_text(hunted),
                     with_thousands(group.summary.counts.count));
}

// How long was hunted, by the time that the random stimuli took; the least of the cells.
double effort_of(const GroupEvidence& group) {
  double host_s = 0;
  double random_s = 0;
  for (const HuntedCell& cell : group.hunted) {
    host_s += cell.host_s;
    random_s = std::max(random_s, cell.random.host_s);
  }
  return random_s > 0 ? host_s / random_s : 0;
}

}  // namespace

WorstCaseFigure hunted_figure(const GroupEvidence& group) {
  if (!group.hunt_problem.empty()) return none(VerdictKind::invalid, group.hunt_problem);
  if (group.hunted.empty())
    return none(VerdictKind::inconclusive,
                fmt::format("nobody has hunted in {} under {} -> `loopgate hunt` on this run's folder, with "
                            "--kernel {} --load {}",
                            group.kernel, group.load, group.kernel, group.load));
  for (std::string why : {failed_again(group), unanswered_of(group)})
    if (!why.empty()) return none(VerdictKind::fail, std::move(why));
  std::int64_t most = largest_sample(group);  // chance may have found more
  for (const HuntedCell& cell : group.hunted)
    if (!cell.worst.empty()) most = std::max(most, cell.worst.front().latency_ns);
  if (std::string why = failed_once(group); !why.empty())
    return {{}, counts_text(group), VerdictKind::invalid, std::move(why), most};
  return {most, counts_text(group)};
}

std::string too_short_a_hunt(const GroupEvidence& of, const GroupEvidence& other) {
  const double its = effort_of(of);
  const double others = effort_of(other);
  if (others <= effort_apart * its) return {};
  return fmt::format(
      "{} was hunted for {:.2g} times the host time of its random stimuli, and what it is held against for "
      "{:.2g} times: hunt as long in both -> `loopgate hunt` with --budget",
      of.kernel, its, others);
}

}  // namespace loopgate
