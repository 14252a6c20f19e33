#include "hunt/lock_on_way.h"

#include <algorithm>
#include <map>
#include <vector>

namespace loopgate {
namespace {

// Fewer say nothing of what is usual.
constexpr std::size_t samples_of_usual = 10;

using RealTimeRuns = std::vector<const SectionRecord*>;  // by their begin

RealTimeRuns real_time_runs_of(const RecordedSections& sections) {
  RealTimeRuns runs;
  for (const SectionRecord& window : sections.windows)
    if (sections.kind_of(window) == SectionKind::real_time_task) runs.push_back(&window);
  std::ranges::stable_sort(runs, {}, &SectionRecord::begin_ns);
  return runs;
}

// The warm-up's, too: a run that ends with its only counted stimulus has no others.
std::vector<Sample> answered_by_payload(const std::vector<Sample>& samples) {
  std::vector<Sample> answered;
  for (const Sample& sample : samples)
    if ((sample.flags & sample_self_check) == 0 && sample.answered()) answered.push_back(sample);
  std::ranges::stable_sort(answered, {}, &Sample::latency_ns);
  return answered;
}

using Times = std::map<std::uint32_t, std::uint64_t>;  // by process id

std::optional<std::uint32_t> most_often(const Times& times) {
  const auto most = std::ranges::max_element(times, {}, [](const auto& each) { return each.second; });
  return most == times.end() ? std::nullopt : std::optional(most->first);
}

}  // namespace

TasksOnWay tasks_on_way(const VolleyEnd& run) {
  const RealTimeRuns runs = real_time_runs_of(run.sections);
  const std::vector<Sample> answered = answered_by_payload(run.samples);
  const auto pid_of = [&](const SectionRecord* window) { return run.sections.tasks[window->task].pid; };
  Times first, last;
  for (std::size_t i = 0; i < answered.size(); ++i) {
    const auto begun = [&](std::int64_t at_ns) {
      return std::ranges::lower_bound(runs, at_ns, {}, &SectionRecord::begin_ns);
    };
    const auto behind = begun(answered[i].stimulus_ns);
    const bool is_quick = i < (answered.size() + 3) / 4;
    if (is_quick && behind != runs.end()) ++first[pid_of(*behind)];
    const auto after = begun(answered[i].response_ns);
    if (after != runs.begin()) ++last[pid_of(*std::prev(after))];
  }
  return {most_often(first), most_often(last)};
}

LocksOnWay::LocksOnWay(const VolleyEnd& run, std::int64_t response_timeout_ns)
    : sections_(run.sections), response_timeout_ns_(response_timeout_ns) {
  if (!sections_.follows_locks) return;
  const TasksOnWay tasks = tasks_on_way(run);
  for (std::size_t i = 0; i < sections_.windows.size(); ++i) {
    const SectionRecord& window = sections_.windows[i];
    if (sections_.kind_of(window) != SectionKind::lock_wait) continue;
    const std::uint32_t pid = sections_.tasks[window.task].pid;
    if (pid == tasks.irq_thread || pid == tasks.payload) waits_.push_back(i);
  }
  std::ranges::stable_sort(waits_, {}, [&](std::size_t wait) { return sections_.windows[wait].begin_ns; });
  learn_usual(answered_by_payload(run.samples));
}

// A wait that outlasts the response is of what came behind it; one that outlasts the time in which an answer
// was waited for held that up.
std::vector<LockOnWay> LocksOnWay::waits_within(const Sample& sample) const {
  const std::int64_t until_ns =
      sample.answered() ? sample.response_ns : sample.stimulus_ns + response_timeout_ns_;
  const auto begin_of = [&](std::size_t wait) { return sections_.windows[wait].begin_ns; };
  std::vector<LockOnWay> within;
  for (auto wait = std::ranges::lower_bound(waits_, sample.stimulus_ns, {}, begin_of);
       wait != waits_.end() && begin_of(*wait) < until_ns; ++wait) {
    const SectionRecord& window = sections_.windows[*wait];
    const std::int64_t left_ns = until_ns - window.begin_ns;
    if (!sample.answered() || window.length_ns <= left_ns)
      within.push_back({*wait, std::min<std::int64_t>(window.length_ns, left_ns), 0});
  }
  return within;
}

// Of most stimuli, else it is not usual.
void LocksOnWay::learn_usual(const std::vector<Sample>& samples) {
  if (samples.size() < samples_of_usual) return;
  std::map<std::uint32_t, std::vector<std::int64_t>> lengths;
  for (const Sample& sample : samples)
    for (const LockOnWay& lock : waits_within(sample))
      lengths[sections_.windows[lock.wait].places].push_back(lock.length_ns);
  for (auto& [places, all] : lengths) {
    if (all.size() <= samples.size() / 2) continue;
    std::ranges::sort(all);
    usual_[places] =
        all[all.size() - 1 - samples.size() / 2];  // those that do not wait come before the first
  }
}

std::vector<LockOnWay> LocksOnWay::of(const Sample& sample) const {
  std::vector<LockOnWay> locks = waits_within(sample);
  for (LockOnWay& lock : locks) {
    const auto usual = usual_.find(sections_.windows[lock.wait].places);
    if (usual != usual_.end()) lock.usual_ns = usual->second;
  }
  std::ranges::stable_sort(locks, std::ranges::greater(),
                           [](const LockOnWay& lock) { return lock.length_ns - lock.usual_ns; });
  return locks;
}

}  // namespace loopgate
