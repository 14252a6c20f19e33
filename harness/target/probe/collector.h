// What comes from the kernel part, put in order: a record of each stimulus, and the longest waits. Pure. A
// perf buffer has one queue a CPU, so that events of different CPUs come out of order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/probe_records.h"

namespace loopgate {

// The longest wait of a stimulus, and who was on the CPU.
struct LongWait {
  std::uint64_t number = 0;
  ProbeHolder holder{};
};

inline constexpr std::size_t long_waits_kept = 8;

class Collector {
 public:
  explicit Collector(std::size_t capacity) : capacity_(capacity) { records_.reserve(capacity); }

  // An event as it was sent. One of another size, or that cannot be, is counted as damaged and left out; the
  // perf buffer may add up to 7 bytes.
  void take(const void* data, std::size_t size);

  // A wait must be longer than this to be among the longest.
  std::int64_t slow_ns() const;

  std::uint64_t events() const { return events_; }
  std::uint64_t damaged() const { return damaged_; }
  std::uint64_t beyond() const { return beyond_; }  // the capacity: not kept

  // As they came.
  const std::vector<ProbeRecord>& records() const { return records_; }

  // In the order of their numbers, each once; what comes twice is damaged. Ends the collecting.
  std::vector<ProbeRecord> take_records();

  // Longest first.
  const std::vector<LongWait>& long_waits() const { return long_waits_; }

 private:
  void take_holder(std::uint64_t number, const ProbeHolder& holder);

  std::size_t capacity_;
  std::uint64_t events_ = 0;
  std::uint64_t damaged_ = 0;
  std::uint64_t beyond_ = 0;
  std::vector<ProbeRecord> records_;
  std::vector<LongWait> long_waits_;
};

}  // namespace loopgate
