// Follows each stimulus through the events of a trace, as the kernel part of the eBPF probe does in the
// kernel (kernel_part.bpf.c), and makes the same records. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "protocol/probe_records.h"
#include "target/probe/trace_events.h"

namespace loopgate {

struct TraceTarget {
  std::int32_t irq = 0;
  std::int32_t thread = 0;         // of the line's interrupt
  std::set<std::int32_t> payload;  // its threads
};

class TraceFollower {
 public:
  explicit TraceFollower(TraceTarget target) : target_(std::move(target)) {}

  // In the order of their times. A record when a stimulus is seen to its end: the payload sleeps again.
  std::optional<ProbeRecord> take(const TraceEvent& event);

  std::uint64_t stimuli() const { return stimuli_; }
  std::uint64_t unfinished() const { return unfinished_; }

  // When the one that is followed now was taken; nothing between two.
  std::optional<std::int64_t> pending_since_ns() const;

 private:
  enum class Stage { idle, thread_woken, payload_woken, has_read, answers };

  std::optional<ProbeRecord> begin(std::int64_t at_ns);
  ProbeRecord finish(std::int64_t at_ns);
  void wake_payload(const TraceEvent& event);
  void end_wait(std::int64_t at_ns);
  std::optional<ProbeRecord> switch_tasks(const TraceEvent& event);
  void answer(const TraceEvent& event);

  TraceTarget target_;
  Stage stage_ = Stage::idle;
  std::int64_t taken_ns_ = -1;
  std::int32_t waiter_ = 0;
  std::int64_t wait_since_ns_ = -1;  // below 0: it is on a CPU
  ProbeRecord record_{};
  std::uint64_t stimuli_ = 0;
  std::uint64_t unfinished_ = 0;
};

}  // namespace loopgate
