// What the loop does with the world beside the camera: it waits for a part, and says what it found. On GPIO
// lines, or in a test on nothing.
#pragma once

#include <cstdint>

#include "protocol/records.h"

namespace loopgate::inspection {

enum class Arrival {
  part,
  stopped,  // the program was told to end
  failed,
};

class ArrivalPin {
 public:
  virtual ~ArrivalPin() = default;

  // Blocks until the next part. `number` counts the pin's edges from 1; a gap is edges that were lost.
  virtual Arrival wait(std::uint64_t* number) = 0;
};

class VerdictPins {
 public:
  virtual ~VerdictPins() = default;

  // The verdict (OK: high, NG: low) first, then valid up and down; the verdict stays. False when a pin
  // failed.
  virtual bool show(Decision decision) = 0;
};

}  // namespace loopgate::inspection
