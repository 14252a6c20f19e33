// What the probe in the kernel (harness/target/probe/) tells of each stimulus: the events that its kernel
// part sends to its user part, and the file that this leaves, a header and a record a stimulus. Everything is
// little-endian and lies on its natural alignment; all times are CLOCK_MONOTONIC's. The file's format is in
// harness/record/README.md.
//
// The kernel part is C, compiled for the kernel's own machine (BPF): what stands here is C and C++.
#pragma once

#ifdef __cplusplus
#include <cstddef>
#include <cstdint>

namespace loopgate {

using ProbeU64 = std::uint64_t;
using ProbeI64 = std::int64_t;
using ProbeU32 = std::uint32_t;
using ProbeI32 = std::int32_t;
#else
typedef unsigned long long ProbeU64;
typedef long long ProbeI64;
typedef unsigned int ProbeU32;
typedef int ProbeI32;
#endif

enum { probe_version = 1, probe_slices = 4, probe_frames = 28, probe_name_size = 16, probe_symbol_size = 64 };

// One stimulus. Between two times it is known who ran by the waits: a thread that is woken and not on a CPU.
struct ProbeRecord {
  ProbeU64 number;           // since the probe was attached, from 1
  ProbeI64 taken_ns;         // a CPU takes the interrupt
  ProbeI64 thread_woken_ns;  // the line's irq thread is woken
  ProbeI64 thread_wait_ns;   // of the time until the payload is woken, what the irq thread was not on a CPU
  ProbeI64 payload_woken_ns;
  ProbeI64 read_wait_ns;    // the same of the payload until it has the edge
  ProbeI64 read_ns;         // its read(2) of the edge returns
  ProbeI64 answer_wait_ns;  // the same until it answers
  ProbeI64 answer_ns;       // the system call that sets its pin begins
  ProbeI64 set_wait_ns;     // the same until that ends
  ProbeI64 set_ns;          // and ends
};

// A task that was on the CPU while a thread waited for it.
struct ProbeSlice {
  ProbeI64 ns;
  ProbeI32 pid;
  ProbeI32 priority;           // the kernel's: below 100 real-time, 99 - n for SCHED_FIFO's n
  char name[probe_name_size];  // may be cut off
};

// The longest wait of a stimulus that waited for longer than most.
struct ProbeHolder {
  ProbeI64 waited_ns;
  ProbeU32 of_payload;  // 0: the irq thread waited
  ProbeU32 slices;      // of which the last four are kept, at `number % 4`
  struct ProbeSlice slice[probe_slices];
  ProbeI64 stack_bytes;          // of the last one's call chain when it left the CPU, innermost first
  ProbeU64 stack[probe_frames];  // return addresses
};

// Sent without its holder where nothing waited for long.
struct ProbeEvent {
  struct ProbeRecord record;
  struct ProbeHolder holder;
};

// The user part's word before the kernel part is loaded: constants, so that what they rule out is not loaded.
struct ProbeConstants {
  ProbeI32 thread;    // of the line's interrupt
  ProbeI32 payload;   // the process that answers
  ProbeU32 use_ring;  // 0: the perf buffer carries the events
};

// What both parts know: the user part finds it at the beginning of the kernel part's memory.
struct ProbeShared {
  ProbeU64 stimuli;     // times that the line's interrupt woke its thread
  ProbeU64 unfinished;  // of which the way to the answer was not seen to its end
  ProbeU64 lost;        // events that found no room
  ProbeI64 slow_ns;     // the user part's word: a longer wait is told with its holder
  ProbeU64 address;     // to name_address: what is to be named, and its name
  char symbol[probe_symbol_size];
};

#ifdef __cplusplus

inline constexpr std::uint64_t probe_magic = 0x31424f525052474cULL;  // "LGRPROB1"

// Who carried the events from the kernel to the user part. Of ftrace, which is no eBPF program, `taken_ns` is
// when the line's handler began, `read_ns` when the payload came onto a CPU, and `answer_ns` when its pin was
// about to be set.
enum class ProbeTransport : std::uint32_t { ring_buffer = 1, perf_buffer = 2, ftrace = 3 };

constexpr const char* name_of(ProbeTransport transport) {
  if (transport == ProbeTransport::ftrace) return "ftrace";
  return transport == ProbeTransport::ring_buffer ? "ring buffer" : "perf buffer";
}

// Of so many of the longest stimuli, by the kernel's own times, trace.dat holds the events.
inline constexpr std::size_t probe_traced_most = 8;

struct ProbeHeader {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t record_size;
  std::uint64_t written;    // records, directly behind the header
  std::uint32_t transport;  // ProbeTransport
  std::uint16_t traced;     // stimuli whose events trace.dat holds: their records once more, behind all
  std::uint16_t
      replaced;  // times that a copy of the kernel part took over: a ProbeReplacement each, at the end
  std::uint64_t stimuli;  // as in ProbeShared, when the probe was told to end
  std::uint64_t unfinished;
  std::uint64_t lost;
  std::int64_t cost_ns;  // of a stimulus, by the kernel's own count over the first ones; -1: not counted
  // Read at the same moment: they tie CLOCK_MONOTONIC to the machine's counter.
  std::int64_t monotonic_ns;
  std::uint64_t counter;     // clock_pair.h
  std::uint64_t counter_hz;  // 0: not known (clock_pair.h)
};

// A copy of the kernel part took over from the one before, while stimuli came.
struct ProbeReplacement {
  std::int64_t began_ns;  // it was about to be attached
  std::int64_t ended_ns;  // the one before was gone
  std::uint64_t number;   // of the first stimulus whose record is its own
  std::uint64_t twice;    // stimuli that both saw
};

inline constexpr std::size_t probe_replacements_most = 8;

// Whether its times follow each other, and no wait is longer than what it is part of.
inline bool can_be(const ProbeRecord& record) {
  const auto holds = [](std::int64_t waited_ns, std::int64_t from_ns, std::int64_t to_ns) {
    return waited_ns >= 0 && from_ns >= 0 && to_ns >= from_ns && waited_ns <= to_ns - from_ns;
  };
  constexpr std::int64_t time_max_ns = std::int64_t{1} << 62U;
  return record.number > 0 && record.taken_ns >= 0 && record.thread_woken_ns >= record.taken_ns &&
         record.set_ns < time_max_ns &&
         holds(record.thread_wait_ns, record.thread_woken_ns, record.payload_woken_ns) &&
         holds(record.read_wait_ns, record.payload_woken_ns, record.read_ns) &&
         holds(record.answer_wait_ns, record.read_ns, record.answer_ns) &&
         holds(record.set_wait_ns, record.answer_ns, record.set_ns);
}

// From the interrupt to the answer, as far as the kernel saw it.
inline std::int64_t kernel_ns(const ProbeRecord& record) { return record.answer_ns - record.taken_ns; }

static_assert(sizeof(ProbeHeader) == 88 && sizeof(ProbeRecord) == 88 && sizeof(ProbeSlice) == 32 &&
              sizeof(ProbeReplacement) == 32);

}  // namespace loopgate
#endif
