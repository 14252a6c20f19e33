// Pairs stimuli and responses that were recorded from outside, by the rules of PulseTrain. Pure.
//
// - A response belongs to the pending stimulus; without one it is spurious.
// - A stimulus without a response within `response_timeout_ns` is unanswered; then the next one may be
//   pending.
// - A stimulus that rises while another is pending is recorded as not sent. The pins do not show which of the
//   two the next response is for, but both waited at least until then.
// - The end of the capture cuts stimuli off. A stimulus that was pending for longer than the deadline is
//   unanswered, since it is late in any case; a shorter one, and those after it, are omitted and counted.
#pragma once

#include <cstdint>
#include <vector>

#include "record/samples_file.h"

namespace loopgate {

struct PairingSettings {
  std::int64_t deadline_ns = 1'000'000;
  std::int64_t response_timeout_ns = 1'000'000'000;
  std::uint64_t warm_up = 0;  // the number of warm-up records
};

struct PairingCounts {
  std::uint64_t stimuli = 0;  // all edges
  std::uint64_t responses = 0;
  std::uint64_t answered = 0;  // late ones included
  std::uint64_t late = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t while_pending = 0;
  std::uint64_t spurious = 0;
  std::uint64_t cut_off = 0;
};

class EdgePairing {
 public:
  explicit EdgePairing(const PairingSettings& settings) : settings_(settings) {}

  // Edges at one time, called in order of time. If both occur at once, the response belongs to the pending
  // stimulus, or, without one, to this one: it came within a sample.
  void edges(std::int64_t now_ns, bool stimulus, bool response);

  void end(std::int64_t now_ns);

  const PairingCounts& counts() const { return counts_; }
  // The number of records that wait for the result of the pending one.
  std::size_t waiting() const { return open_.size(); }

  // Moves out the finished records.
  void take_finished(std::vector<Sample>* out);

 private:
  void stimulus(std::int64_t now_ns);
  void response(std::int64_t now_ns);
  void give_up();

  PairingSettings settings_;
  PairingCounts counts_;
  std::uint32_t next_index_ = 0;
  bool pending_ = false;
  std::size_t pending_at_ = 0;
  std::vector<Sample> open_;
};

// Counts a channel's edges and finds its shortest pulse: nothing is filtered, so that glitches show here.
class EdgeMeter {
 public:
  explicit EdgeMeter(bool rising) : rising_(rising) {}

  // Takes the level from this sample on. True for an edge of the counted kind.
  bool level(std::uint64_t sample, bool high);

  std::uint64_t edges() const { return edges_; }                // of the counted kind
  std::uint64_t shortest_samples() const { return shortest_; }  // 0: fewer than two edges

 private:
  bool rising_;
  bool known_ = false;
  bool moved_ = false;
  bool high_ = false;
  std::uint64_t since_ = 0;
  std::uint64_t edges_ = 0;
  std::uint64_t shortest_ = 0;
};

}  // namespace loopgate
