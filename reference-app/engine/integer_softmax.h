// Softmax in integers alone, as TensorFlow Lite's reference kernel computes it.
#pragma once

#include <cstdint>
#include <span>

#include "engine/integer_arithmetic.h"

namespace loopgate::inspection {

class IntegerSoftmax {
 public:
  // The output's scale is 1 / 256 and its zero point -128, as the format prescribes.
  explicit IntegerSoftmax(float input_scale);

  void run(std::span<const std::int8_t> row, std::int8_t* out) const;

 private:
  Multiplier multiplier_;
  int least_difference_;  // below it, nothing of an exponential is left
};

}  // namespace loopgate::inspection
