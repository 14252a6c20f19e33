#include "hunt/exact_shots.h"

#include <algorithm>
#include <optional>

namespace loopgate {
namespace {

bool is_aimed_at(SectionKind kind, std::uint32_t cpu, const CpusOfShot& cpus) {
  return (kind == SectionKind::interrupts_off && cpu == cpus.interrupt) ||
         (kind == SectionKind::preemption_off && cpu == cpus.thread);
}

// Where nothing preempts the kernel, a window begins as the kernel looks whether to reschedule. A stimulus
// that comes before the look is over is seen by it: __cond_resched of Linux 6.12 takes 9 instructions.
constexpr std::int64_t look_ns = 32;
// schedule() looks once more when the task that it switched to goes on: the switch keeps interrupts off for
// up to 4.85 us there.
constexpr std::int64_t behind_schedule_ns = 5'000;

// The first moment that is in the window for sure: behind the instruction that opened it, and where CPUs take
// turns behind the round in which it did.
std::int64_t first_moment(const VolleyEnd& run, const SectionRecord& window, const ShotTurns& turns) {
  if (turns.round_ns > 0) return window.begin_ns + turns.round_ns;
  const bool looks = !run.preemptible && run.sections.kind_of(window) == SectionKind::preemption_off;
  return window.begin_ns + (looks ? look_ns : 1);
}

// The windows that are aimed at, the longest first.
std::vector<const SectionRecord*> by_length(const RecordedSections& sections, std::int64_t least_ns,
                                            const CpusOfShot& cpus) {
  std::vector<const SectionRecord*> windows;
  for (const SectionRecord& window : sections.windows)
    if (is_aimed_at(sections.kind_of(window), window.cpu, cpus) && window.length_ns >= least_ns)
      windows.push_back(&window);
  std::ranges::stable_sort(windows, [](const SectionRecord* one, const SectionRecord* other) {
    return one->length_ns > other->length_ns;
  });
  return windows;
}

// When the bench was done with a sample.
std::int64_t end_of(const Sample& sample) {
  if (!sample.sent()) return sample.due_ns;
  return sample.answered() ? sample.response_ns : INT64_MAX;
}

// A stimulus that was sent there by then has hit the window's begin already. One that the instrument aims as
// the window opens comes a round and a block behind it, as one between two rounds does.
std::int64_t begin_lasts_ns(const ShotTurns& turns) { return 100 + turns.round_ns; }

// The counted stimuli before a moment; nothing where one was under way then, or was sent within its begin.
std::optional<std::vector<std::int64_t>> shots_before(const std::vector<Sample>& samples, std::int64_t at_ns,
                                                      std::int64_t begin_lasts_ns) {
  std::vector<std::int64_t> shots;
  for (const Sample& sample : samples) {
    if (sample.due_ns > at_ns + begin_lasts_ns) break;
    if (end_of(sample) >= at_ns) return std::nullopt;
    if (sample.counted()) shots.push_back(sample.due_ns);
  }
  return shots;
}

// The quickest of the counted stimuli: nothing held them back.
std::vector<const Sample*> quickest(const std::vector<Sample>& samples) {
  std::vector<const Sample*> quickest;
  for (const Sample& sample : samples)
    if (sample.counted() && sample.answered()) quickest.push_back(&sample);
  std::ranges::stable_sort(quickest, {}, &Sample::latency_ns);
  quickest.resize((quickest.size() + 3) / 4);
  return quickest;
}

// On which CPU the first window of a kind began behind most of the quickest stimuli.
std::uint32_t cpu_of_first(const VolleyEnd& run, SectionKind kind) {
  std::vector<const SectionRecord*> windows;
  for (const SectionRecord& window : run.sections.windows)
    if (run.sections.kind_of(window) == kind) windows.push_back(&window);
  std::ranges::stable_sort(windows, {}, &SectionRecord::begin_ns);
  std::vector<std::uint64_t> times;  // by CPU
  for (const Sample* sample : quickest(run.samples)) {
    const auto first = std::ranges::lower_bound(windows, sample->stimulus_ns, {}, &SectionRecord::begin_ns);
    if (first == windows.end()) continue;
    if (times.size() <= (*first)->cpu) times.resize((*first)->cpu + 1);
    ++times[(*first)->cpu];
  }
  if (times.empty()) return 0;
  return static_cast<std::uint32_t>(std::ranges::max_element(times) - times.begin());
}

}  // namespace

std::vector<ExactShot> exact_shots(const VolleyEnd& run, std::size_t at_most, std::int64_t least_ns,
                                   const ShotTurns& turns, const std::map<SectionPlaces, int>& ended_early) {
  std::vector<ExactShot> all;
  for (const SectionRecord* window : by_length(run.sections, least_ns, turns.cpus)) {
    if (all.size() == at_most) break;
    const SectionPlaces& places = run.sections.places[window->places];
    const auto ended = ended_early.find(places);
    if (ended != ended_early.end() && ended->second > 1) continue;
    const std::int64_t delay_ns = ended != ended_early.end() ? behind_schedule_ns * turns.instruction_ns : 0;
    if (window->length_ns < least_ns + delay_ns) continue;
    const std::int64_t first_ns = first_moment(run, *window, turns) + delay_ns;
    if (first_ns >= window->begin_ns + window->length_ns) continue;  // it is over by then
    auto shots = shots_before(run.samples, first_ns, begin_lasts_ns(turns));
    const bool taken =
        std::ranges::any_of(all, [&](const ExactShot& each) { return each.shots_ns.back() == first_ns; });
    if (!shots || taken) continue;
    shots->push_back(first_ns);
    all.push_back({window->begin_ns + window->length_ns - first_ns, places, *std::move(shots)});
  }
  return all;
}

CpusOfShot cpus_of_shots(const VolleyEnd& run) {
  return {cpu_of_first(run, SectionKind::interrupt_handler), cpu_of_first(run, SectionKind::real_time_task)};
}

const SectionRecord* section_around(const RecordedSections& sections, std::int64_t at_ns,
                                    const CpusOfShot& cpus) {
  const SectionRecord* latest = nullptr;
  for (const SectionRecord& window : sections.windows) {
    const std::int64_t end_ns = window.begin_ns + window.length_ns;
    if (!is_aimed_at(sections.kind_of(window), window.cpu, cpus) || window.begin_ns >= at_ns ||
        end_ns < at_ns)
      continue;
    if (latest == nullptr || end_ns > latest->begin_ns + latest->length_ns) latest = &window;
  }
  return latest;
}

}  // namespace loopgate
