// Are both wires there, and what do they take by themselves? The program plays stimulus and answer: while no
// payload holds its lines, it owns all four ends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loopgate {

enum class Wire {
  stimulus,  // from the loopback's output to the payload's input
  response,  // from the payload's output to the loopback's input
};

// Both ends of both wires, and the clock; a test stands in for them. Times are CLOCK_MONOTONIC's.
class WirePins {
 public:
  virtual ~WirePins() = default;
  virtual std::int64_t now_ns() = 0;
  virtual bool set(Wire wire, bool high) = 0;
  // As LoopbackPins' of the wire's input.
  virtual bool take(Wire wire, std::vector<std::int64_t>* stamps_ns) = 0;
  virtual bool wait_for(Wire wire, std::int64_t until_ns) = 0;
  virtual std::string problem() const = 0;
  // "line 17", for sentences.
  virtual std::string output_of(Wire wire) const = 0;
  virtual std::string input_of(Wire wire) const = 0;
};

// One stimulus that the program answered itself, a known time after it.
struct WirePulse {
  std::int64_t known_ns = 0;
  std::int64_t before_ns = 0;
  std::int64_t after_ns = 0;
  std::int64_t stimulus_edge_ns = 0;
  std::int64_t answer_ns = 0;  // just before the response's output was set
  std::int64_t response_edge_ns = 0;
};

struct WireCheck {
  std::vector<WirePulse> pulses;
  std::string problem;  // empty: both wires are there
};

WireCheck check_wires(WirePins* pins, std::uint32_t pulses);

// The file that `loopback check` leaves, and the line that it prints (without the pulses).
std::string to_json(const WireCheck& check, bool with_pulses);
// Error: in one sentence, also of a check that did not pass.
std::string read_wire_check(const std::string& path, WireCheck* check);

}  // namespace loopgate
