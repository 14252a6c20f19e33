// Which moments of a recorded run would hurt most: a stimulus is sent there when the run is made again, equal
// up to that moment. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "hunt/volley.h"
#include "protocol/turn_settings.h"

namespace loopgate {

struct ExactShot {
  std::int64_t left_ns = 0;   // how long the window lasted from there, where nobody asked for the CPU
  SectionPlaces places = {};  // where that opened and closed
  // The run's counted stimuli that were over by then, and the shot: virtual ns.
  std::vector<std::int64_t> shots_ns;
};

// Of several CPUs: those whose windows count. One with interrupts off on the first, with preemption off on
// the second.
struct CpusOfShot {
  std::uint32_t interrupt = 0;  // takes the stimulus's interrupt
  std::uint32_t thread = 0;     // runs the interrupt's thread
};

// Where they take turns: a stimulus a round behind a moment leaves what led to that as it was (round_ns()).
// 0: there is one CPU.
struct ShotTurns {
  std::int64_t round_ns = 0;
  CpusOfShot cpus;
  std::int64_t instruction_ns = 1;  // one ns for each of the board's CPUs
};

// At the first instruction (on a kernel without CONFIG_PREEMPTION: behind the kernel's look whether to
// reschedule) in each of the longest windows with interrupts or preemption off whose begin was
// not hit, by falling length; at most `at_most`, and none shorter than `least_ns`. A window that began while
// a stimulus was under way is left out: without that one the run would be another by then.
// On several CPUs: a round behind the begin of each.
// `ended_early`: how often the kernel ended a window of these places because a stimulus came at its begin.
// The first time it was the look that schedule() takes when it has switched: the next shot comes 5 us behind
// the begin. The second time the kernel looks in the midst of the window whether somebody wants the CPU
// (need_resched() in zap_pte_range), and such windows are left out.
std::vector<ExactShot> exact_shots(const VolleyEnd& run, std::size_t at_most, std::int64_t least_ns,
                                   const ShotTurns& turns = {},
                                   const std::map<SectionPlaces, int>& ended_early = {});

// Those that took most of the interrupts of a run's quickest stimuli, and ran most of their threads. Where
// one is held back, another CPU's timer may come first.
CpusOfShot cpus_of_shots(const VolleyEnd& run);

// The window with interrupts or preemption off in which a moment fell: the one that lasted longest from
// there. Nothing where it fell in none; one that begins with it is the stimulus's own interrupt.
const SectionRecord* section_around(const RecordedSections& sections, std::int64_t at_ns,
                                    const CpusOfShot& cpus = {});

}  // namespace loopgate
