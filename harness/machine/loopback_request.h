// What the agent is told of the loopback program (harness/target/loopback), which measures on the board
// itself: its command lines, its limits and the files that it leaves. Its events come back as lines of the
// agent's output.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/board.h"
#include "protocol/pulses.h"

namespace loopgate {

// Where things lie on the board.
inline constexpr const char* loopback_program = "/bin/loopback";

// How long the check of the jumpers may take, with so many edges on each that are counted beside.
std::int64_t loopback_check_timeout_ms(std::uint32_t edges);

// The "instrument" part of the agent's job.
struct LoopbackRequest {
  std::vector<std::string> check_argv;
  std::vector<std::string> argv;
  int cpu = -1;  // that it keeps to; -1: any
  std::int64_t timeout_ms = 0;
  std::vector<std::string> files;  // that it leaves, the payload's stamps among them
};

// How long the agent lets the program measure.
std::int64_t loopback_timeout_ms(const PulseSettings& pulses);

LoopbackRequest loopback_request(const Board& board, const PulseSettings& pulses);

// The file on a board that the payload's records of its frames go to, frames.lgf: room for a header and each
// frame, up to 64 MB. What comes after has none, and is counted as left out.
std::uint64_t records_size_on_board(const PulseSettings& pulses);

}  // namespace loopgate
