// What several copies of the kernel part saw, one after the other, as one: a copy takes over while stimuli
// come, and for a while both see them. Each copy counts from 1; a stimulus that both saw has the first one's
// record alone up to the handover, and the second one's from there on. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "target/probe/collector.h"

namespace loopgate {

class Relay {
 public:
  explicit Relay(std::size_t capacity) : capacity_(capacity), current_(capacity) {}

  Collector& current() { return current_; }  // takes the events of the copy at work
  Collector& next() { return *next_; }       // and of the one that takes over

  // A copy of which all functions are called since then is to take over.
  void begin(std::int64_t attached_ns);

  // Both have seen a stimulus whole that began since then.
  bool has_met() const;

  // The first copy is gone, and all that it saw is here. Nothing where the two contradict each other: what
  // the one counts is not what the other does.
  struct Handover {
    std::uint64_t number = 0;  // of the first stimulus whose record is the second one's, over all copies
    std::uint64_t twice = 0;   // stimuli that both saw
  };
  std::optional<Handover> hand_over();

  // Over all copies: how far the numbers of the one at work lie behind.
  std::uint64_t offset() const { return offset_; }

  std::uint64_t events() const { return events_ + current_.events(); }
  std::uint64_t damaged() const { return damaged_ + current_.damaged(); }
  std::uint64_t beyond() const { return beyond_ + current_.beyond(); }

  // A wait must be longer than this to be among the longest.
  std::int64_t slow_ns() const { return std::max(slow_ns_, current_.slow_ns()); }

  // In the order of their numbers, each once. Ends the collecting.
  std::vector<ProbeRecord> take_records();

  // Longest first, over all copies.
  std::vector<LongWait> long_waits() const;

 private:
  void keep(std::vector<ProbeRecord> records, std::uint64_t end);

  std::size_t capacity_;
  Collector current_;
  std::optional<Collector> next_;
  std::int64_t attached_ns_ = 0;
  std::uint64_t offset_ = 0;  // of the current one
  std::uint64_t first_ = 0;   // the current one's first number that counts
  std::vector<ProbeRecord> kept_;
  std::vector<LongWait> waits_;
  std::uint64_t events_ = 0;
  std::uint64_t damaged_ = 0;
  std::uint64_t beyond_ = 0;
  std::int64_t slow_ns_ = 0;
};

}  // namespace loopgate
