// The limits of every format.
#pragma once

#include <cstddef>

namespace loopgate::inspection {

// Enough for a model of an embedded device; larger files are something else, or would not fit.
inline constexpr std::size_t largest_model_bytes = 64U << 20U;
// MobileNetV2 has 150.
inline constexpr std::size_t most_operators = 4096;

}  // namespace loopgate::inspection
