// sections.lgw: every critical section of a run, as the instrument's QEMU plugin saw it: a window in which an
// interrupt or a wake-up had to wait. A scratch file between one QEMU and the harness that started it. Times
// are virtual ns.
//
// The windows stand in the order of their ends, then come the tables that they point into, and last the end:
// a file without it was cut off. Its size is that of what the end counts, to the byte.
#pragma once

#include <cstdint>

namespace loopgate {

inline constexpr std::uint64_t section_magic = 0x3254434553474cULL;
inline constexpr std::uint32_t section_chain_length = 13;

enum class SectionKind : std::uint32_t {
  interrupts_off = 0,     // masked (PSTATE.I, EFLAGS.IF)
  preemption_off = 1,     // the preempt count is not 0; where the kernel keeps none: no opportunity came
  softirqs_off = 2,       // the preempt count's softirq bits are not 0
  interrupt_handler = 3,  // its hardirq bits are not 0
  real_time_task = 4,     // a task of a real-time class is on the CPU, from a switch to it to the next switch
  lock_wait = 5,          // a real-time task is off the CPU until it has a lock: from where it asked for it
  lock_holder = 6,  // behind each lock_wait, and of its length and places: whose task had the lock meanwhile
  lock_held = 7,    // a lock that the payload takes on its way is another task's; followed, not recorded
};
inline constexpr std::uint32_t section_states = 5;  // of these a CPU is in one at a time, or in none
inline constexpr std::uint32_t section_kinds = 7;   // that are recorded

// The kernel's `prio` below which a task is of a real-time class (MAX_RT_PRIO, include/linux/sched/prio.h).
inline constexpr std::int32_t real_time_priorities = 100;

struct SectionRecord {
  std::int64_t begin_ns;  // before the first instruction in it
  std::uint32_t length_ns;
  std::uint32_t places;  // in the table of places
  std::uint32_t task;    // in the table of tasks: the one on the CPU as it began
  std::uint32_t cpu;     // of a lock_wait: on which the task goes on
};
static_assert(sizeof(SectionRecord) == 24);

// Where an instruction stands that opened or closed a window, and where its function returns to: by the link
// register, which says so in a function that has called nothing yet, or by the kernel's unwind tables.
struct SectionPlace {
  std::uint64_t address;
  std::uint64_t link;
  auto operator<=>(const SectionPlace&) const = default;
};

// Of a lock: the call that asked for it, and the one that its holder took it by; 0 where that was not seen.
struct SectionPlaces {
  std::uint64_t kind;  // a SectionKind
  SectionPlace opened;
  SectionPlace closed;
  auto operator<=>(const SectionPlaces&) const = default;
};
static_assert(sizeof(SectionPlaces) == 40);

// One with another priority, as by priority inheritance, has an entry of its own. A holder that is not known
// has no name.
struct SectionTask {
  std::uint32_t pid;
  std::int32_t
      priority;  // the kernel's `prio`: -1 SCHED_DEADLINE, 0 to 98 SCHED_FIFO and SCHED_RR, lower first
  char name[16];
};
static_assert(sizeof(SectionTask) == 24);

// The return addresses where one of the longest windows closed, innermost first; of a lock_wait those where
// the task left the CPU.
struct SectionChain {
  std::uint64_t window;  // its number in the file
  std::uint64_t count;
  std::uint64_t addresses[section_chain_length];
};
static_assert(sizeof(SectionChain) == 120);

struct SectionFileEnd {
  std::uint64_t magic;
  std::uint64_t windows;
  std::uint64_t places;
  std::uint64_t tasks;
  std::uint64_t chains;
  std::uint64_t lost;            // windows that the file had no room for
  std::uint64_t wrong_counts;    // task switches at which the kernel's preempt count was not the followed one
  std::uint64_t priority_masks;  // writes of the interrupt controller's priority mask, which is not followed
  std::uint64_t no_count;        // 1: where the kernel keeps its preempt count was not found
  std::uint64_t preemptible;     // 1: this kernel preempts its own code
  std::uint64_t locks;           // 1: waits for locks were recorded
  std::int64_t begin_ns;         // the first counted stimulus; windows that were open then are whole
  std::int64_t end_ns;           // the last stimulus's end; windows that were open then are left out
  std::uint64_t unclosed;        // how many these are, without the run of a real-time task
};
static_assert(sizeof(SectionFileEnd) == 112);

}  // namespace loopgate
