// What a traced run says of a sample: every instant between stimulus and response belongs to one phase, one
// task and one call chain, and the instants add up to the latency. Plain data; times are virtual ns from the
// stimulus.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace loopgate {

// In the order in which a sample goes through them.
enum class Phase : std::uint8_t {
  irqs_disabled,      // the interrupt is pending, and the CPU has interrupts masked
  hardirq,            // from the exception vector to the wake-up of the line's irq thread
  irq_thread_wakeup,  // the irq thread is runnable, and something else runs
  irq_thread,         // until it wakes the payload
  payload_wakeup,     // the payload is runnable, and something else runs
  payload,            // its own instructions
  system_calls,       // the kernel on its behalf, up to the store that moves the pin
};

inline constexpr std::array<const char*, 7> phase_names = {
    "irqs disabled",          "hardirq", "irq thread wakeup latency", "irq thread",
    "payload wakeup latency", "payload", "payload's system calls"};

struct ExplainedTask {
  std::int32_t pid = 0;  // the thread's
  std::int32_t process = 0;
  std::string name;    // as in ps: "irq/23-responde"
  std::string policy;  // "SCHED_FIFO"
  int priority = 0;    // real time: 1 to 99; else nice
};

// A call chain is a node and those above it; its own function is the innermost. Node 0 is the root and stands
// for no function.
struct CallNode {
  std::uint32_t parent = 0;
  std::uint32_t function = 0;  // in `functions`
};

// A stretch of time on one CPU in which neither phase nor task nor call chain changed. Spans follow each
// other without a gap; where the sample's way goes from one CPU to another, so do they.
struct Span {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  Phase phase = Phase::irqs_disabled;
  std::uint32_t task = 0;  // in `tasks`: whose context it is, also while an interrupt is handled on its stack
  std::uint32_t chain = 0;  // in `chains`
  bool interrupt = false;   // within a hard interrupt's handler
  bool kernel = false;      // not in user space
  std::uint16_t cpu = 0;
};

struct TaskEvent {
  enum class Kind : std::uint8_t { sched_switch, sched_wakeup, irq_entry, irq_exit, sys_enter, sys_exit };
  std::int64_t at_ns = 0;
  Kind kind = Kind::sched_switch;
  std::uint32_t task = 0;   // the running one; of a switch: the one that leaves
  std::uint32_t other = 0;  // of a switch: the one that comes; of a wake-up: the woken one
  std::int64_t value = 0;   // irq: its number; sys_enter, sys_exit: the system call's number
  std::int64_t result = 0;  // sys_exit: what it returned; sched_switch: the state of the one that leaves
  std::string name;         // irq: the handler's name; sys_*: the call's name
  std::uint16_t cpu = 0;
  // Of a wake-up: who asked for it, where and when. The CPU of the woken one may carry it out.
  struct Waking {
    std::int64_t at_ns = 0;
    std::uint32_t task = 0;
    std::uint16_t cpu = 0;
  } waking = {};
};

// A part of the way that depended on another CPU.
struct CrossCpu {
  enum class Kind : std::uint8_t {
    lock,     // it went round until a lock was free
    call,     // until other CPUs had done what they were asked to
    stop,     // until all CPUs had stopped
    ipi,      // it handled what another one had sent
    wake_up,  // a task that had gone to sleep on its way was woken
  };
  // Of another CPU: what it did for most of that time, or whence it sent or woke.
  struct Other {
    std::uint16_t cpu = 0;
    std::uint32_t task = 0;
    std::uint32_t chain = 0;
  };
  Kind kind = Kind::lock;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::uint16_t cpu = 0;
  std::uint32_t task = 0;  // of the way: that waits, is interrupted or is woken
  std::uint32_t chain = 0;
  std::vector<Other> others;  // empty: all others were idle, or who it was is not seen
};

inline constexpr std::array<const char*, 5> cross_cpu_names = {
    "waits for a lock", "waits for a function call on another CPU", "waits for all CPUs to stop",
    "handles an IPI", "is woken"};

struct ExplainedSample {
  std::string cell;
  std::uint32_t sample = 0;  // its index in the schedule
  std::int64_t stimulus_ns = 0;
  std::int64_t latency_ns = 0;
  std::array<std::int64_t, phase_names.size()> phase_ns{};  // sums to latency_ns
  std::vector<ExplainedTask> tasks;
  std::vector<std::string> functions;  // "vli_mult"; what has no symbol is its address, "0xffff80008001234c"
  std::vector<CallNode> chains;
  std::vector<Span> spans;  // from 0 to latency_ns
  std::vector<TaskEvent> events;
  // What each CPU did meanwhile, on the way or not: CPU by CPU, in the order of time; a span's phase says
  // nothing here. Empty where one CPU alone executed anything. `cross_cpu` has where the way depended on
  // others.
  std::vector<Span> lanes;
  std::vector<CrossCpu> cross_cpu;
  std::string why;  // the diagnosis: one sentence
};

}  // namespace loopgate
