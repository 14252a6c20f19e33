// Carries one job out on a board: starts the agent, passes its events on, and ends when it ends, falls silent
// or takes longer than it may.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "board/remote.h"
#include "machine/machine.h"

namespace loopgate {

struct AgentLimits {
  std::chrono::seconds ready{};    // until load and payload run
  std::chrono::seconds silence{};  // between two events of measuring
  std::chrono::seconds whole{};
  std::chrono::milliseconds look{200};  // how often the limits are looked at
};

struct AgentEnd {
  InstrumentEvent event;          // reported or failed, with the last counts
  double to_first_counted_s = 0;  // 0: it came to none
};

// The limits of a cell: its job says how long its instrument may take.
AgentLimits limits_of(const CellRequest& order);

class AgentRun {
 public:
  AgentRun(Remote* remote, const AgentLimits& limits) : remote_(remote), limits_(limits) {}

  // `during` is called now and then while it measures. Errors: `infrastructure`; whether the kernel is to
  // blame, the caller can find out.
  Result<AgentEnd> run(const std::string& script, const ProgressListener& observe,
                       const std::function<void()>& during);

 private:
  using Clock = std::chrono::steady_clock;

  void take(std::string_view text);
  void take_line(const std::string& line);
  bool goes_on();
  tl::unexpected<Error> why_ended(const Finished& finished) const;

  Remote* remote_;
  AgentLimits limits_;
  ProgressListener observe_;
  Stage stage_ = Stage::getting_ready;
  Clock::time_point started_;
  Clock::time_point heard_;
  std::string line_;
  InstrumentEvent last_;
  AgentEnd end_;
  bool ended_ = false;
  std::string problem_;  // why it is not waited for any longer
};

}  // namespace loopgate
