// Checks that all jumpers are there, and measures the overhead of those for stimulus and response, which the
// program plays: while no payload holds its lines, it owns both ends of each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loopgate {

enum class Jumper {
  stimulus,  // from the loopback's output to the payload's input
  response,  // from the payload's output to the loopback's input
  verdict,   // likewise, of the output that says OK or NG: where the suite asks for decisions
};

// Both ends of each jumper, and the clock; a test stands in for them. Times are CLOCK_MONOTONIC's.
class JumperPins {
 public:
  virtual ~JumperPins() = default;
  virtual bool has_verdict() const = 0;
  virtual std::int64_t now_ns() = 0;
  virtual bool set(Jumper jumper, bool high) = 0;
  // As LoopbackPins' of the jumper's input.
  virtual bool take(Jumper jumper, std::vector<std::int64_t>* stamps_ns) = 0;
  virtual bool wait_for(Jumper jumper, std::int64_t until_ns) = 0;
  // Of the jumper's input.
  virtual bool read(Jumper jumper, bool* high) = 0;
  virtual std::string problem() const = 0;
  // "line 17", for sentences.
  virtual std::string output_of(Jumper jumper) const = 0;
  virtual std::string input_of(Jumper jumper) const = 0;
};

// One stimulus that the program answered itself, a known time after it.
struct JumperPulse {
  std::int64_t known_ns = 0;
  std::int64_t before_ns = 0;
  std::int64_t after_ns = 0;
  std::int64_t stimulus_edge_ns = 0;
  std::int64_t answer_ns = 0;  // just before the response's output was set
  std::int64_t response_edge_ns = 0;
};

// Of the jumpers for stimulus and response, which take turns: how many edges were sent on each, and which of
// them no interrupt came of. A chip may lose one now and then, as a loose contact does.
struct JumperEdges {
  std::uint64_t sent = 0;
  std::uint64_t stimulus_lost = 0;
  std::uint64_t response_lost = 0;
  std::uint64_t lost() const { return stimulus_lost + response_lost; }
};

struct JumperCheck {
  std::vector<JumperPulse> pulses;
  JumperEdges edges;    // of the pulses, and of those that were sent only to be counted
  std::string problem;  // empty: all jumpers are there
};

// `edges`: so many more, for which time does not matter. A pulse whose edge was lost is sent again. Ends
// early once too many were lost to go on: `edges.sent` tells.
JumperCheck check_jumpers(JumperPins* pins, std::uint32_t pulses, std::uint32_t edges = 0);

// The file that `loopback check` leaves, and the line that it prints (without the pulses).
std::string to_json(const JumperCheck& check, bool with_pulses);
// Error: in one sentence, also of a check that did not pass.
std::string read_jumper_check(const std::string& path, JumperCheck* check);

}  // namespace loopgate
