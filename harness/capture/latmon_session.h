// One measurement with a latmon board: connects, starts it, receives its records while the board under test
// runs its payload, stops it and receives the histogram. Every wait has a limit.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "capture/latmon_protocol.h"

namespace loopgate {

struct LatmonSettings {
  std::string host;  // "broadcast": whoever announces itself as latmon
  std::uint16_t port = latmon_port;
  LatmonRequest request;
  std::chrono::milliseconds duration{60'000};
  // It warms up first without reporting it: one record's worth of stimuli, about a second.
  std::chrono::milliseconds warm_up{1'000};
  std::chrono::milliseconds connect_limit{5'000};
  std::chrono::milliseconds announce_limit{15'000};  // it announces itself every 5 s
  std::chrono::milliseconds silence_limit{
      10'000};  // between two words of it, while it measures and at its end
};

struct LatmonMeasurement {
  LatmonData data;
  std::string peer;            // address and port
  std::string why_incomplete;  // one sentence; empty when it measured for the whole time
  std::chrono::milliseconds took{0};
};

using OnLatmonRecord = std::function<void(const LatmonRecord&)>;

// Errors: usage when latmon would not accept the request; infrastructure when nothing answers, the connection
// breaks, or no data arrives within the limit; data when the peer is not latmon. A latmon that fell silent
// while measuring but still sends its data when stopped is reported in `why_incomplete`.
Result<LatmonMeasurement> measure_with_latmon(const LatmonSettings& settings,
                                              const OnLatmonRecord& on_record);

}  // namespace loopgate
