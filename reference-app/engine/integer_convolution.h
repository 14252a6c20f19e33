// Convolutions and dense layers in plain loops and integers.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/integer_arithmetic.h"
#include "engine/network.h"

namespace loopgate::inspection {

// From a sum of products to an int8 value.
struct Requantisation {
  std::vector<Multiplier> multipliers;  // one for each channel of the output
  std::vector<std::int32_t> bias;
  int zero_point = 0;
  Limits limits;

  std::int8_t operator()(std::size_t channel, std::int32_t sum) const {
    const std::int32_t scaled = multipliers[channel](saturated(std::int64_t{sum} + bias[channel]));
    return static_cast<std::int8_t>(
        std::clamp<std::int64_t>(std::int64_t{scaled} + zero_point, limits.low, limits.high));
  }
};

class IntegerConvolution {
 public:
  IntegerConvolution(const Convolution& layer, const Activation& input, const Activation& output);

  void run(const std::int8_t* in, std::int8_t* out);

 private:
  template <class Visit>
  void each_position(std::size_t y, std::size_t x, Visit visit) const;
  void sum_depthwise(const std::int8_t* in, std::size_t y, std::size_t x);
  void sum_groups(const std::int8_t* in, std::size_t y, std::size_t x);

  Shape input_, output_, kernel_;
  std::size_t groups_;
  Window window_;
  int input_zero_point_;
  Requantisation requantisation_;
  bool depthwise_;
  std::vector<std::int8_t> weights_;          // depthwise: a row of all channels for each position
  std::vector<std::int32_t> weights_totals_;  // otherwise: of each channel and position
  std::vector<std::int32_t> sums_;
};

class IntegerDense {
 public:
  IntegerDense(const Dense& layer, const Activation& input, const Activation& output);

  void run(const std::int8_t* in, std::int8_t* out) const;

 private:
  std::size_t rows_, length_;
  Requantisation requantisation_;
  std::vector<std::int8_t> weights_;
};

}  // namespace loopgate::inspection
