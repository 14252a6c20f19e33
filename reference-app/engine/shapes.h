// The shape of each layer's output. A layer that does not fit its input throws a Refusal.
#pragma once

#include <array>
#include <cstdint>

#include "engine/network.h"

namespace loopgate::inspection {

Shape shape_after(const Convolution& layer, const Shape& input);
Shape shape_after(const Dense& layer, const Shape& input);
Shape shape_after(const Binary& layer, const Shape& first, const Shape& second);
// Of a pool.
Shape shape_after(const std::array<std::uint32_t, 2>& size, const Window& window, const Shape& input);
Shape shape_after(const Mean& layer, const Shape& input, bool keep_axes);
Shape shape_after(const Padding& layer, const Shape& input);
Shape shape_after(const Transposition& layer, const Shape& input);

}  // namespace loopgate::inspection
