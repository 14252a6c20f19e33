#include "hunt/exact_shots.h"

#include <algorithm>
#include <optional>

namespace loopgate {
namespace {

bool is_aimed_at(SectionKind kind) {
  return kind == SectionKind::interrupts_off || kind == SectionKind::preemption_off;
}

// Where nothing preempts the kernel, a window begins as the kernel looks whether to reschedule. A stimulus
// that comes before the look is over is seen by it: __cond_resched of Linux 6.12 takes 9 instructions.
constexpr std::int64_t look_ns = 32;

// The first moment that is in the window for sure: behind the instruction that opened it.
std::int64_t first_moment(const VolleyEnd& run, const SectionRecord& window) {
  const bool looks = !run.preemptible && run.sections.kind_of(window) == SectionKind::preemption_off;
  return window.begin_ns + (looks ? look_ns : 1);
}

// The windows that are aimed at, the longest first.
std::vector<const SectionRecord*> by_length(const RecordedSections& sections, std::int64_t least_ns) {
  std::vector<const SectionRecord*> windows;
  for (const SectionRecord& window : sections.windows)
    if (is_aimed_at(sections.kind_of(window)) && window.length_ns >= least_ns) windows.push_back(&window);
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

// A stimulus that was sent there by then has hit the window's begin already.
constexpr std::int64_t begin_lasts_ns = 100;

// The counted stimuli before a moment; nothing where one was under way then, or was sent within its begin.
std::optional<std::vector<std::int64_t>> shots_before(const std::vector<Sample>& samples,
                                                      std::int64_t at_ns) {
  std::vector<std::int64_t> shots;
  for (const Sample& sample : samples) {
    if (sample.due_ns > at_ns + begin_lasts_ns) break;
    if (end_of(sample) >= at_ns) return std::nullopt;
    if (sample.counted()) shots.push_back(sample.due_ns);
  }
  return shots;
}

}  // namespace

std::vector<ExactShot> exact_shots(const VolleyEnd& run, std::size_t at_most, std::int64_t least_ns) {
  std::vector<ExactShot> all;
  for (const SectionRecord* window : by_length(run.sections, least_ns)) {
    if (all.size() == at_most) break;
    const std::int64_t first_ns = first_moment(run, *window);
    auto shots = shots_before(run.samples, first_ns);
    const bool taken =
        std::ranges::any_of(all, [&](const ExactShot& each) { return each.shots_ns.back() == first_ns; });
    if (!shots || taken) continue;
    shots->push_back(first_ns);
    all.push_back({window->length_ns, *std::move(shots)});
  }
  return all;
}

const SectionRecord* section_around(const RecordedSections& sections, std::int64_t at_ns) {
  const SectionRecord* latest = nullptr;
  for (const SectionRecord& window : sections.windows) {
    const std::int64_t end_ns = window.begin_ns + window.length_ns;
    if (!is_aimed_at(sections.kind_of(window)) || window.begin_ns >= at_ns || end_ns < at_ns) continue;
    if (latest == nullptr || end_ns > latest->begin_ns + latest->length_ns) latest = &window;
  }
  return latest;
}

}  // namespace loopgate
