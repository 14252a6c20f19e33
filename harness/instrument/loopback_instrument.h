// The host's side of the loopback program (harness/loopback), which measures on the board itself: its command
// lines, which go into the agent's job, and its events, which come back as lines of the agent's output.
#pragma once

#include <string>
#include <vector>

#include "config/board.h"
#include "instrument/instrument.h"

namespace loopgate {

// Where things lie on the board.
inline constexpr const char* loopback_program = "/bin/loopback";
inline constexpr const char* payload_stamps_file = "/run/loopgate/stamps.lst";

inline constexpr std::int64_t loopback_check_within_ms = 20'000;

// The "instrument" part of the agent's job.
struct LoopbackOrder {
  std::vector<std::string> check_argv;
  std::vector<std::string> argv;
  int cpu = -1;  // that it keeps to; -1: any
  std::int64_t within_ms = 0;
  std::vector<std::string> files;  // that it leaves, the payload's stamps among them
};

LoopbackOrder loopback_order(const Board& board, const PulseSettings& pulses);

class LoopbackInstrument : public Instrument {
 public:
  TimeBase time_base() const override { return TimeBase::wall_clock; }
  Status prepare(const Measurement&) override { return {}; }
  std::vector<std::string> machine_arguments(const Measurement&) const override { return {}; }
  Status listen(boost::asio::io_context* context, Handler handler) override;

  // A line that the agent printed. One that is no event becomes an error event.
  void feed(const std::string& line);

 private:
  Handler handler_;
};

}  // namespace loopgate
