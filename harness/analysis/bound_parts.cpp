#include "analysis/bound_parts.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "analysis/section_summary.h"

namespace loopgate {
namespace {

using Windows = std::vector<SectionRecord>;

Interval interval_of(const SectionRecord& window) {
  return {window.begin_ns, window.begin_ns + window.length_ns};
}

// The file has those of a kind in the order of their ends, and they do not overlap.
Windows windows_of(const RecordedSections& sections, SectionKind kind) {
  Windows windows;
  for (const SectionRecord& window : sections.windows)
    if (sections.kind_of(window) == kind) windows.push_back(window);
  return windows;
}

// Its handler's window lies within one of interrupts off, from the vector on. Where softirqs run behind it,
// their window begins in that one; they let interrupts in, and end with them off.
Interval interrupt_around(const SectionRecord& handler, const Windows& irqs_off, const Windows& softirqs) {
  Interval all = interval_of(handler);
  const SectionRecord* masked = window_at(irqs_off, handler.begin_ns);
  if (masked == nullptr) return all;
  all.begin_ns = masked->begin_ns;
  all.end_ns = std::max(all.end_ns, interval_of(*masked).end_ns);
  const SectionRecord* softirq = window_at(softirqs, all.end_ns - 1);
  if (softirq == nullptr || softirq->begin_ns < all.begin_ns) return all;
  all.end_ns = std::max(all.end_ns, interval_of(*softirq).end_ns);
  if (const SectionRecord* masked_again = window_at(irqs_off, all.end_ns - 1))
    all.end_ns = std::max(all.end_ns, interval_of(*masked_again).end_ns);
  return all;
}

// One for each handler. They may lie within one another: softirqs let interrupts in.
std::vector<Interval> interrupts_of(const RecordedSections& sections, const Windows& irqs_off) {
  const Windows softirqs = windows_of(sections, SectionKind::softirqs_off);
  std::vector<Interval> all;
  for (const SectionRecord& handler : windows_of(sections, SectionKind::interrupt_handler))
    all.push_back(interrupt_around(handler, irqs_off, softirqs));
  return all;
}

// Where a sample's interrupt came into the softirqs of another, the other stays.
Intervals without_samples_own(const std::vector<Interval>& interrupts,
                              const std::vector<SampleMoments>& samples) {
  std::vector<Interval> own;
  for (const SampleMoments& sample : samples) {
    const std::int64_t taken_ns = sample.stimulus_ns + sample.taken_ns;
    const auto behind = std::ranges::upper_bound(interrupts, taken_ns, {}, &Interval::begin_ns);
    if (behind == interrupts.begin()) continue;
    const Interval& latest = *std::prev(behind);
    if (taken_ns < latest.end_ns) own.push_back(latest);
  }
  return without(Intervals(interrupts), Intervals(std::move(own)));
}

std::set<std::uint32_t> pids_of(const std::vector<SampleMoments>& samples) {
  std::set<std::uint32_t> pids;
  for (const SampleMoments& sample : samples)
    for (const std::int32_t pid : {sample.thread_pid, sample.payload_pid})
      if (pid > 0) pids.insert(static_cast<std::uint32_t>(pid));
  return pids;
}

// The kernel's number of the lowest real-time priority that the path's own tasks have, wherever a window has
// one of them: before the first counted stimulus they may have been of another class.
Result<std::int32_t> lowest_priority(const RecordedSections& sections, const std::set<std::uint32_t>& path) {
  std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
  for (const SectionRecord& window : sections.windows) {
    if (sections.kind_of(window) >= SectionKind::lock_wait) continue;  // locks are no part of the bound
    const SectionTask& task = sections.tasks[window.task];
    if (path.contains(task.pid)) lowest = std::max(lowest, task.priority);
  }
  if (lowest >= real_time_priorities || lowest == std::numeric_limits<std::int32_t>::min())
    return fail(
        ErrorKind::usage,
        "the payload or the line's irq thread is of no real-time class: any task may run before it, and "
        "its latency has no bound",
        "give the payload a real-time priority");
  return lowest;
}

// Where one has the priority of the path's, it may be queued before it.
Result<std::vector<SectionRecord>> real_time_runs(const RecordedSections& sections,
                                                  const std::vector<SampleMoments>& samples) {
  const auto path = pids_of(samples);
  TRY(lowest, lowest_priority(sections, path));
  Windows runs = windows_of(sections, SectionKind::real_time_task);
  std::erase_if(runs, [&](const SectionRecord& run) {
    const SectionTask& task = sections.tasks[run.task];
    return path.contains(task.pid) || task.priority > lowest;
  });
  return runs;
}

std::vector<std::string> names_by_time(const RecordedSections& sections, const Windows& runs) {
  std::map<std::string, std::int64_t> sums;
  for (const SectionRecord& run : runs) sums[task_name(sections.tasks[run.task])] += run.length_ns;
  std::vector<std::pair<std::string, std::int64_t>> sorted(sums.begin(), sums.end());
  std::ranges::stable_sort(sorted, std::ranges::greater(), [](const auto& each) { return each.second; });
  std::vector<std::string> names;
  for (auto& [name, ns] : sorted) names.push_back(std::move(name));
  return names;
}

Intervals intervals_of(const Windows& windows) {
  std::vector<Interval> all;
  for (const SectionRecord& window : windows) all.push_back(interval_of(window));
  return Intervals(std::move(all));
}

}  // namespace

const SectionRecord* window_at(const std::vector<SectionRecord>& windows, std::int64_t moment_ns) {
  const auto behind = std::ranges::upper_bound(windows, moment_ns, {}, &SectionRecord::begin_ns);
  if (behind == windows.begin() || interval_of(*std::prev(behind)).end_ns <= moment_ns) return nullptr;
  return &*std::prev(behind);
}

Result<BoundParts> bound_parts(const RecordedSections& sections, const std::vector<SampleMoments>& samples) {
  if (std::ranges::any_of(sections.windows, [](const SectionRecord& window) { return window.cpu != 0; }))
    return fail(ErrorKind::usage, "the run has several CPUs, and a bound is composed of one CPU's windows");
  BoundParts parts;
  parts.irqs_off = windows_of(sections, SectionKind::interrupts_off);
  parts.preempt_off = windows_of(sections, SectionKind::preemption_off);
  const std::vector<Interval> interrupts = interrupts_of(sections, parts.irqs_off);
  parts.interrupts = Intervals(interrupts);
  parts.others = without_samples_own(interrupts, samples);
  TRY(runs, real_time_runs(sections, samples));
  parts.real_time_names = names_by_time(sections, runs);
  parts.real_time = without(intervals_of(runs), parts.interrupts);
  parts.taken = united(parts.others, parts.real_time);
  std::erase_if(parts.irqs_off, [&](const SectionRecord& window) {
    const Interval whole = interval_of(window);
    return parts.interrupts.within(whole.begin_ns, whole.end_ns) > 0;
  });
  return parts;
}

}  // namespace loopgate
