// The measurement itself, as a state machine without a clock, pins or threads of its own: which stimulus is
// sent when, what a response belongs to, and what each one came to. Whoever owns the clock and the pins (the
// QEMU plugin, a test) drives it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "protocol/pulses.h"
#include "record/samples_file.h"

namespace loopgate {

// What was on the pins and in the payload's memory when the response came.
struct SeenDecision {
  bool ok = false;
  std::uint64_t frame = 0;  // the latest that it had decided; frames are numbered from 1 as they are sent
};

// Open loop: every due time is drawn from the seed and never depends on a response. A stimulus that falls due
// while another is pending is not sent, and recorded with its due time. Back to back is the exception, made
// to find the highest rate: the next one waits for the response, so nothing can be lost, and latency says
// little.
class PulseTrain {
 public:
  explicit PulseTrain(const PulseSettings& settings);

  void start(std::int64_t now_ns);

  // When the next stimulus falls due; nothing once all have.
  std::optional<std::int64_t> next_due_ns() const;

  // The next stimulus falls due then instead.
  void aim_at(std::int64_t due_ns) { next_due_ns_ = due_ns; }

  struct Action {
    bool raise_pin = false;                      // send the stimulus to the board now
    std::optional<std::int64_t> known_delay_ns;  // a self-check: answer it yourself, this much later
    std::optional<std::int64_t> abandon_at_ns;   // call abandon() then, if it is still pending
  };
  Action due(std::int64_t now_ns);

  // The output pin rose. False when nothing was pending: the response is spurious, and counted as such.
  // `seen` where the suite asks for decisions.
  bool response(std::int64_t now_ns, const SeenDecision& seen = {});

  // Gives the pending stimulus up as unanswered. No effect when none is pending.
  void abandon(std::int64_t now_ns);

  bool pending() const { return pending_; }
  bool finished() const { return due_ == counts_.planned && !pending_; }
  const PulseCounts& counts() const { return counts_; }

  // Moves out the records whose fate is known, in the order in which they fell due.
  void take_finished(std::vector<Sample>* out);

  // What the self-checks must have measured, in the schedule's order.
  static std::int64_t known_delay_ns(std::uint32_t self_check);

 private:
  std::int64_t draw_interval_ns();
  std::uint32_t kind_flag(std::uint64_t index) const;
  std::uint32_t decision_flags(const SeenDecision& seen) const;
  void end_pending(std::int64_t now_ns);

  PulseSettings settings_;
  std::mt19937_64 random_;  // its sequence is fixed by the standard: equal on every host
  PulseCounts counts_;
  std::int64_t next_due_ns_ = 0;
  std::uint64_t due_ = 0;  // how many have fallen due
  bool pending_ = false;
  std::uint64_t scenes_sent_ = 0;  // stimuli that reached the board
  std::size_t pending_at_ = 0;     // its place in `open_`
  std::deque<Sample> open_;        // not taken yet
};

}  // namespace loopgate
