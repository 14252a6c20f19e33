// What the plugin traces, and where the guest's kernel keeps what it reads for that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace loopgate {

// Where exceptions come into the kernel, of an architecture whose entries are functions of their own. Sorted.
struct ExceptionEntries {
  std::vector<std::uint64_t> interrupts;
  std::vector<std::uint64_t> exceptions;
  std::vector<std::uint64_t> with_error_code;  // exceptions at which the CPU pushes another word
  std::vector<std::uint64_t> system_calls;

  bool operator==(const ExceptionEntries&) const = default;
};

// Offsets in bytes, from the kernel's own type information (BTF).
struct KernelLayout {
  std::uint64_t switch_function = 0;  // cpu_switch_to(previous, next), or __switch_to_asm()
  std::uint64_t wake_function = 0;    // the task is its argument number `wake_argument`
  std::uint32_t wake_argument = 0;
  // try_to_wake_up(task), on the CPU of who wakes: the function above may run on the one of who is woken. 0:
  // it is the same, or there is none.
  std::uint64_t waking_function = 0;
  std::uint64_t interrupt_function = 0;  // __handle_irq_event_percpu(descriptor)
  std::uint64_t vectors = 0;             // the exception vectors' table, of an architecture that has one
  ExceptionEntries entries;              // of one that has none
  std::uint64_t text_begin = 0;          // where the kernel's code begins, where its frames are told by
                                         // tables (ORC) and not by frame pointers; else 0
  std::uint64_t preempt_jump = 0;        // code by which it tells whether it preempts its own; 0: none
  std::uint32_t task_state = 0;
  std::uint32_t task_pid = 0;
  std::uint32_t task_tgid = 0;
  std::uint32_t task_name = 0;
  std::uint32_t task_policy = 0;
  std::uint32_t task_priority = 0;
  std::uint32_t task_memory = 0;  // task_struct.mm
  std::uint32_t memory_code = 0;  // mm_struct.start_code
  std::uint32_t task_saved = 0;   // in task_struct: what the switching function keeps of the one that leaves
  std::uint32_t task_stack = 0;   // task_struct.stack
  std::uint32_t descriptor_number = 0;  // irq_desc.irq_data.irq
  std::uint32_t descriptor_action = 0;
  std::uint32_t action_name = 0;

  bool operator==(const KernelLayout&) const = default;
};

// A function that takes a lock, which is its first argument.
struct TakingFunction {
  std::uint64_t address = 0;
  std::uint32_t owner = 0;  // where the lock has its holder's task: an offset in it, in bytes

  bool operator==(const TakingFunction&) const = default;
};

// Functions that take a lock and give it back: of a kernel whose spinlocks are real-time mutexes.
struct LockFunctions {
  std::vector<TakingFunction> take;
  std::vector<std::uint64_t> give;

  bool operator==(const LockFunctions&) const = default;
};

// What the recorder of critical sections needs to know of the guest's kernel.
struct SectionSettings {
  bool record = false;
  bool preemptible = false;  // CONFIG_PREEMPTION: the kernel's own code is preempted, and counts when not
  // With KernelLayout::preempt_jump: only if it leads to one of these functions.
  std::vector<std::uint64_t> preempting;
  std::uint32_t preempt_count = 0;  // task_struct.thread_info.preempt.count
  // Where each CPU has a count instead: functions that begin by adding to it. The first that does tells
  // where.
  std::vector<std::uint64_t> counting;
  std::uint64_t windows_at_most = 0;  // in the file; more are counted as lost
  // Without CONFIG_PREEMPTION: functions at whose begin the kernel looks whether another task should run.
  std::vector<std::uint64_t> opportunities;
  LockFunctions locks;  // that are followed; none: there is no waiting for a spinlock

  bool operator==(const SectionSettings&) const = default;
};

struct TraceSettings {
  std::filesystem::path file;          // empty: nothing is traced
  std::vector<std::uint32_t> samples;  // by index in the schedule; empty: every counted one
  bool phases_only = false;            // no blocks but those at which a phase can end
  bool paths = false;                  // no samples: the instructions between a program's marks
  KernelLayout kernel;
  SectionSettings sections;  // no samples: the windows in which an interrupt or a wake-up has to wait

  bool operator==(const TraceSettings&) const = default;
};

}  // namespace loopgate
