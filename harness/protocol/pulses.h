// What is asked of whoever stimulates, and what it counted.
#pragma once

#include <cstdint>
#include <string>

namespace loopgate {

struct PulseSettings {
  std::uint64_t seed = 1;
  std::int64_t interval_min_ns = 600'000;
  std::int64_t interval_max_ns = 1'400'000;
  std::uint32_t self_checks = 8;
  std::uint32_t warm_up = 200;
  std::uint32_t counted = 10'000;
  std::int64_t deadline_ns = 1'000'000;  // a response after it is `late`
  // No response by then: `unanswered`, and the next stimulus may be sent.
  std::int64_t response_timeout_ns = 1'000'000'000;
  bool back_to_back = false;  // the next stimulus falls due an interval after the response: closed loop
  std::uint32_t frames = 1;   // edges of one stimulus, each `frame_interval_ns` after the one before
  std::int64_t frame_interval_ns = 0;
  bool decisions = false;  // the response says OK or NG
  // Where the frames are pictures, what each shows, in their order: truth_ok, truth_ng or truth_unknown
  // (protocol/part_truth.h). Empty: the frames are the synthetic camera's, of `seed`.
  std::string truth = {};
  bool falls = false;  // the stimulus is a falling edge, of a line that is high before
};

struct PulseCounts {
  std::uint64_t planned = 0;  // self-checks, warm-up and counted
  std::uint64_t due = 0;
  std::uint64_t answered = 0;
  std::uint64_t late = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t spurious = 0;  // responses while no stimulus was pending

  bool operator==(const PulseCounts&) const = default;
};

}  // namespace loopgate
