// All that the schedule and the check need of time and of pins; a test stands in for both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schedule/pulse_train.h"

namespace loopgate {

// Times are CLOCK_MONOTONIC's. What returns false has failed, and problem() says why.
class LoopbackPins {
 public:
  virtual ~LoopbackPins() = default;

  virtual std::int64_t now_ns() = 0;
  // Returns at once when that is past, and early once the program is told to stop.
  virtual void sleep_until(std::int64_t ns) = 0;
  virtual bool told_to_stop() = 0;

  virtual bool set_stimulus(bool high) = 0;

  // Appends the kernel's stamps of the response's rising edges that it has for us by now; never waits.
  virtual bool take_responses(std::vector<std::int64_t>* stamps_ns) = 0;
  // True once one is there, or the time has come, or the program is told to stop.
  virtual bool wait_for_response(std::int64_t until_ns) = 0;

  // What stands on the verdict's line and in the payload's memory now. Only where the suite asks for
  // decisions.
  virtual bool see_decision(SeenDecision* seen) = 0;

  virtual std::string problem() const = 0;
};

}  // namespace loopgate
