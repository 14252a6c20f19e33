// Which response belongs to which stimulus, where both are only seen: the rules of PulseTrain, for a schedule
// that is not ours. Pure.
//
// - A response belongs to the stimulus that is pending; without one it is spurious.
// - A stimulus that is not answered within `abandon_ns` is unanswered, and the next one may be pending.
// - A stimulus that rises while another is pending is recorded like one that fell due then: not sent. Which
// of the two
//   the next response is for, no pin tells; that it waited at least until that response is true of both.
// - The capture's end cuts stimuli off. One that was pending for longer than the deadline is unanswered,
// since it is
//   late whatever came after; a shorter one, and those behind it, are left out and counted.
#pragma once

#include <cstdint>
#include <vector>

#include "record/samples_file.h"

namespace loopgate {

struct PairingSettings {
  std::int64_t deadline_ns = 1'000'000;
  std::int64_t abandon_ns = 1'000'000'000;
  std::uint64_t warm_up = 0;  // the first so many records
};

struct PairingCounts {
  std::uint64_t stimuli = 0;  // edges, all of them
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

  // Edges at one moment, the moments in order. Where both come at once, the response belongs to a stimulus
  // from before, or, when none was pending, to this one: faster than the analyser sees.
  void edges(std::int64_t now_ns, bool stimulus, bool response);

  void end(std::int64_t now_ns);

  const PairingCounts& counts() const { return counts_; }
  // Records that wait for the fate of the pending one.
  std::size_t waiting() const { return open_.size(); }

  // Moves out the records whose fate is known.
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

// How often a channel moves, and its shortest stay on one level: nothing is filtered, so a glitch shows here.
class EdgeMeter {
 public:
  explicit EdgeMeter(bool rising) : rising_(rising) {}

  // The level from this sample on. True for an edge of the kind that counts.
  bool level(std::uint64_t sample, bool high);

  std::uint64_t edges() const { return edges_; }                // of that kind
  std::uint64_t shortest_samples() const { return shortest_; }  // 0: it never moved twice

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
