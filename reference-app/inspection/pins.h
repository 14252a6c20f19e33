// The loop's other input and output: the arrival of a part, and the verdict. GPIO lines, or fakes in a test.
#pragma once

#include <cstdint>

#include "protocol/records.h"

namespace loopgate::inspection {

enum class Arrival {
  part,
  stopped,  // a signal asked the program to end
  failed,
};

class ArrivalPin {
 public:
  virtual ~ArrivalPin() = default;

  // Blocks until the next part. `number` counts the pin's edges from 1; a gap means lost edges.
  virtual Arrival wait(std::uint64_t* number) = 0;

  // From another thread: the wait gives `stopped`, and so does every later one.
  virtual void stop() = 0;
};

class VerdictPins {
 public:
  virtual ~VerdictPins() = default;

  // Sets the verdict (OK: high, NG: low), then pulses valid; the verdict stays. False when a pin failed.
  virtual bool show(Decision decision) = 0;
};

}  // namespace loopgate::inspection
