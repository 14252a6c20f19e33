// Runs one job on a board: starts the agent, passes its events on, and stops when the agent exits, falls
// silent or exceeds its time limit.
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
  std::chrono::seconds silence{};  // between two events while measuring
  std::chrono::seconds whole{};
  std::chrono::milliseconds poll_interval{200};  // how often the limits are checked
};

struct AgentEnd {
  InstrumentEvent event;          // reported or failed, with the last counts
  double to_first_counted_s = 0;  // 0: no stimulus was counted
};

// The limits for a request; its `job` says how long the instrument may take.
AgentLimits agent_limits(const CellRequest& request);

class AgentRun {
 public:
  AgentRun(Remote* remote, const AgentLimits& limits) : remote_(remote), limits_(limits) {}

  // `during` is called now and then while measuring. Errors: `infrastructure`; the caller decides whether the
  // kernel is to blame.
  Result<AgentEnd> run(const std::string& script, const ProgressListener& on_progress,
                       const std::function<void()>& during);

 private:
  using Clock = std::chrono::steady_clock;

  void take(std::string_view text);
  void take_line(const std::string& line);
  bool keep_waiting();
  tl::unexpected<Error> unexpected_end(const ProcessResult& finished) const;

  Remote* remote_;
  AgentLimits limits_;
  ProgressListener on_progress_;
  Stage stage_ = Stage::getting_ready;
  Clock::time_point started_;
  Clock::time_point heard_;
  std::string line_;
  InstrumentEvent last_;
  AgentEnd end_;
  bool ended_ = false;
  std::string problem_;  // why waiting was given up
};

}  // namespace loopgate
