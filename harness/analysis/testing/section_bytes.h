// A file of critical sections, for tests.
#pragma once

#include <string>
#include <vector>

#include "protocol/section_file.h"

namespace loopgate {

struct SectionBytes {
  std::vector<SectionRecord> windows;
  std::vector<SectionPlaces> places;
  std::vector<SectionTask> tasks;
  std::vector<SectionChain> chains;
  SectionFileEnd end = {};

  // With the counts of what it holds.
  std::string bytes();
};

// Two windows with interrupts off in lock_user(), which _raw_spin_lock_irqsave() and its counterpart opened
// and closed, and one of 300,008 ns with preemption off in planted_hold(), of the task "planted".
SectionBytes three_windows();

// The same on a kernel whose locks are followed: "responder" waits 14,100 ns in do_wait_intr() for a lock
// that "stress-ng-getra" took in crng_make_state().
SectionBytes with_lock_wait();

// The guest's kallsyms that name them.
inline constexpr const char* section_kallsyms =
    "ffff800080001000 T _raw_spin_lock_irqsave\n"
    "ffff800080001100 T _raw_spin_unlock_irqrestore\n"
    "ffff800080002000 T lock_user\n"
    "ffff800080003000 t planted_hold\n"
    "ffff800080004000 T kthread\n"
    "ffff800080005000 T rt_spin_lock\n"
    "ffff800080006000 t do_wait_intr\n"
    "ffff800080007000 t crng_make_state\n";

}  // namespace loopgate
