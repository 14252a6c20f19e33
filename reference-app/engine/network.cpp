#include "engine/network.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <type_traits>

namespace loopgate::inspection {

std::size_t count_of(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

std::uint64_t bytes_of(const Weights& weights) {
  return weights.values.size() + weights.scales.size() * sizeof(weights.scales[0]) +
         weights.bias.size() * sizeof(weights.bias[0]);
}

namespace {

template <class Layer>
concept HasWeights = requires(const Layer& layer) { layer.weights; };

template <class Layer>
std::uint64_t bytes_of(const Network& network, const Layer& layer) {
  const auto size = [&](std::size_t place) { return count_of(network.activations[place].shape); };
  if constexpr (std::is_same_v<Layer, Reshaping>) {
    return 0;
  } else if constexpr (std::is_same_v<Layer, Binary>) {
    return size(layer.first) + size(layer.second) + size(layer.output);
  } else if constexpr (HasWeights<Layer>) {
    return size(layer.input) + size(layer.output) + bytes_of(layer.weights);
  } else {
    return size(layer.input) + size(layer.output);
  }
}

}  // namespace

std::uint64_t bytes_moved(const Network& network) {
  std::uint64_t bytes = 0;
  for (const Layer& each : network.layers)
    bytes += std::visit([&](const auto& layer) { return bytes_of(network, layer); }, each);
  return bytes;
}

Limits limits_of(float low, float high, float scale, int zero_point) {
  const auto quantised = [scale, zero_point](float value) {
    return static_cast<std::int8_t>(
        std::clamp(std::round(value / scale) + static_cast<float>(zero_point), -128.0F, 127.0F));
  };
  return {quantised(low), quantised(high)};
}

// Where the two have nothing in common, the second says what is left.
Limits limits_after(const Limits& first, const Limits& then) {
  return {std::clamp(first.low, then.low, then.high), std::clamp(first.high, then.low, then.high)};
}

}  // namespace loopgate::inspection
