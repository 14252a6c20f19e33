// trace.lgt: what the CPUs did while a traced sample was pending, or which instructions they executed between
// two marks of a program (target/path_marks.h), as the instrument's QEMU plugin saw it. A scratch file
// between one QEMU and the harness that started it: 16-byte records, some followed by `value` words of 8
// bytes. The records stand in the order in which they were written, those of all CPUs together. Times are
// virtual ns.
#pragma once

#include <cstdint>

namespace loopgate {

inline constexpr std::uint64_t trace_magic = 0x334543415254474cULL;  // "LGTRACE3"

enum class TraceKind : std::uint16_t {
  // Of all CPUs, with cpu 0.
  header = 0,  // at_ns is the magic number
  block = 1,   // words: id, address, instructions | last opcode << 32, bytes. Before its first `run`
  begin = 3,   // words: sample. The stimulus, at at_ns
  // Of one CPU: what it does, or what happens at the next `run` of that CPU.
  run = 2,            // value: the block's id. The CPU begins it at at_ns
  end = 4,            // words: sample. The response, at at_ns, in a store of this CPU
  given_up = 5,       // words: sample
  current = 6,        // words: a task. It runs since before the stimulus
  switched = 7,       // words: two tasks, from and to
  woken = 8,          // words: a task
  stack = 9,          // words: pc, link register, then return addresses, innermost first
  interrupt = 10,     // words: number, name (4 words)
  system_call = 11,   // words: number
  returns = 12,       // words: as user space is entered, what would be a system call's result and number
  vector = 13,        // words: interrupted address, and 1 if an interrupt came; 0 another exception or a call
  preempt_jump = 16,  // words: the 8 bytes at KernelLayout::preempt_jump
  waking = 17,        // words: a task that is to be woken, perhaps by another CPU (`woken`)
  // Of all CPUs, in a file that has no samples.
  path = 14,       // words: a TracePath. A window from one mark to the other, which was opened at at_ns
  path_part = 15,  // words: a TracePathPart, then pairs of an address and the instructions executed there.
                   // As many as the `path` before says; address 0 stands for all of user space
};

inline constexpr TraceKind last_trace_kind = TraceKind::waking;

struct TraceRecord {
  std::int64_t at_ns;
  std::uint16_t kind;  // a TraceKind
  std::uint16_t cpu;
  std::uint32_t value;  // words that follow, or the block's id
};
static_assert(sizeof(TraceRecord) == 16);

// A task, in words.
struct TraceTask {
  std::uint64_t address;
  std::uint32_t pid;
  std::uint32_t process;
  std::uint32_t policy;
  std::int32_t priority;  // the kernel's: 0 to 99 real time (lower first), 100 to 139 nice -20 to 19
  std::uint64_t state;    // of the one that leaves
  std::uint64_t code;     // where its program's instructions begin; 0 for a kernel thread
  char name[16];
};
static_assert(sizeof(TraceTask) == 56);

// A window's instructions, `idle_ns`, `unknown_ns` and what is outside add up to the time from at_ns to
// `end_ns`: an instruction takes 1 ns.
struct TracePath {
  std::int64_t end_ns;
  std::int64_t idle_ns;     // no instruction was executed: the CPU waited for an interrupt
  std::int64_t unknown_ns;  // none was, and the CPU did not wait: 0, or the count is wrong
  // Where parts of iterations are timed: what was outside of them, and how many there were. 0 parts: all of
  // the path is timed.
  std::uint64_t outside_instructions;
  std::int64_t outside_idle_ns;
  std::uint64_t timed_parts;
  std::uint64_t misplaced_marks;  // a part that began within another, or ended before it had begun
  std::uint32_t parts;            // records that follow
  std::uint32_t finished;  // 0: the end mark was never reached, and the window ends with another's begin
  TraceTask task;          // that executed the begin mark
};
static_assert(sizeof(TracePath) == 120);

// On whose behalf instructions were executed.
struct TracePathPart {
  TraceTask task;           // that was on the CPU
  std::uint64_t interrupt;  // 1: in an interrupt that it did not ask for
};
static_assert(sizeof(TracePathPart) == 64);

}  // namespace loopgate
