#include "engine/network.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace loopgate::inspection {

std::size_t count_of(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

Limits limits_of(float low, float high, float scale, int zero_point) {
  const auto quantised = [scale, zero_point](float value) {
    return static_cast<std::int8_t>(
        std::clamp(std::round(value / scale) + static_cast<float>(zero_point), -128.0F, 127.0F));
  };
  return {quantised(low), quantised(high)};
}

}  // namespace loopgate::inspection
