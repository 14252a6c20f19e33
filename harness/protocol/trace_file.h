// watch.lgw: what the CPU did while a watched sample was pending, as the instrument's QEMU plugin saw it. A
// scratch file between one QEMU and the harness that started it: 16-byte records, some followed by `value`
// words of 8 bytes. Times are virtual ns.
#pragma once

#include <cstdint>

namespace loopgate {

inline constexpr std::uint64_t trace_magic = 0x315743544157474cULL;  // "LGWATCW1"

enum class TraceKind : std::uint32_t {
  header = 0,        // at_ns is the magic number
  block = 1,         // words: id, address, instructions | last opcode << 32. Before its first `run`
  run = 2,           // value: the block's id. The CPU begins it at at_ns
  begin = 3,         // words: sample, response_ns once known else 0. The stimulus, at at_ns
  end = 4,           // words: sample. The response, at at_ns
  given_up = 5,      // words: sample
  current = 6,       // words: a task. It runs since before the stimulus
  switched = 7,      // words: two tasks, from and to
  woken = 8,         // words: a task
  stack = 9,         // words: pc, link register, then return addresses, innermost first
  interrupt = 10,    // words: number, name (4 words)
  system_call = 11,  // words: number
  returns = 12,      // words: x0 and x8 as user space is entered: a system call's result and number
  vector = 13,       // words: interrupted address. An exception is taken
};

struct TraceRecord {
  std::int64_t at_ns;
  std::uint32_t kind;
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

}  // namespace loopgate
