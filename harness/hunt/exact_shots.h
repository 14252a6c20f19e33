// Which moments of a recorded run would hurt most: a stimulus is sent there when the run is made again, equal
// up to that moment. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "hunt/volley.h"

namespace loopgate {

struct ExactShot {
  std::int64_t section_ns = 0;  // how long the window lasted that it is sent in
  // The run's counted stimuli that were over by then, and the shot: virtual ns.
  std::vector<std::int64_t> shots_ns;
};

// At the first instruction (on a kernel without CONFIG_PREEMPTION: behind the kernel's look whether to
// reschedule) in each of the longest windows with interrupts or preemption off whose begin was
// not hit, by falling length; at most `at_most`, and none shorter than `least_ns`. A window that began while
// a stimulus was under way is left out: without that one the run would be another by then.
std::vector<ExactShot> exact_shots(const VolleyEnd& run, std::size_t at_most, std::int64_t least_ns);

// The window with interrupts or preemption off in which a moment fell: the one that lasted longest from
// there. Nothing where it fell in none; one that begins with it is the stimulus's own interrupt.
const SectionRecord* section_around(const RecordedSections& sections, std::int64_t at_ns);

}  // namespace loopgate
