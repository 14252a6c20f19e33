// The network in plain loops and doubles: what the engines are held against.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/network.h"

namespace loopgate::inspection {

class PlainNetwork {
 public:
  explicit PlainNetwork(const Network& network) : network_(network), values_(network.activations.size()) {}

  std::vector<std::int8_t> run(const std::vector<std::int8_t>& picture) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = network_.activations[i].values;
    values_[network_.input] = picture;
    for (const Layer& layer : network_.layers) std::visit([this](const auto& one) { compute(one); }, layer);
    return values_[network_.output];
  }

 private:
  using Index = std::vector<std::size_t>;

  const Activation& at(std::size_t place) const { return network_.activations[place]; }

  double real(std::size_t place, std::size_t index) const {
    return (values_[place][index] - at(place).zero_point) * static_cast<double>(at(place).scale);
  }

  void put(std::size_t place, double value, const Limits& limits = {}) {
    const Activation& to = at(place);
    const double steps = std::nearbyint(value / static_cast<double>(to.scale)) + to.zero_point;
    values_[place].push_back(static_cast<std::int8_t>(std::clamp<double>(steps, limits.low, limits.high)));
  }

  static double weight(const Weights& weights, std::size_t out, std::size_t index) {
    return weights.values[index] * static_cast<double>(weights.scales[weights.scales.size() == 1 ? 0 : out]);
  }

  double bias(const Weights& weights, std::size_t out, std::size_t input) const {
    if (weights.bias.empty()) return 0;
    return weights.bias[out] * static_cast<double>(weights.scales[weights.scales.size() == 1 ? 0 : out]) *
           at(input).scale;
  }

  // Calls `visit` with every index of a tensor of this shape, the last axis first.
  template <class Visit>
  static void each(const Shape& shape, Visit visit) {
    Index index(shape.size());
    for (std::size_t i = 0; i < count_of(shape); ++i) {
      visit(index);
      for (std::size_t axis = shape.size(); axis-- > 0 && ++index[axis] == shape[axis];) index[axis] = 0;
    }
  }

  // Where a value lies, with axes of length 1 repeated and missing ones in front.
  static std::size_t offset(const Shape& shape, const Index& index) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < shape.size(); ++i)
      at = at * shape[i] + (shape[i] == 1 ? 0 : index[index.size() - shape.size() + i]);
    return at;
  }

  // Calls `visit` with the offset of each position of a window that lies in the input, and its place in the
  // kernel.
  template <class Visit>
  void window(std::size_t input, const Window& window, const Index& to, std::size_t channel,
              std::size_t height, std::size_t width, Visit visit) const {
    const Shape& shape = at(input).shape;
    for (std::size_t ky = 0; ky < height; ++ky)
      for (std::size_t kx = 0; kx < width; ++kx) {
        const std::size_t y = to[1] * window.strides[0] + ky * window.dilations[0] - window.pads[0];
        const std::size_t x = to[2] * window.strides[1] + kx * window.dilations[1] - window.pads[1];
        if (y >= shape[1] || x >= shape[2]) continue;  // below 0 is a very large number
        visit(((to[0] * shape[1] + y) * shape[2] + x) * shape[3] + channel, ky * width + kx);
      }
  }

  void compute(const Convolution& layer) {
    const Shape& kernel = layer.weights.shape;
    const std::size_t in = kernel[3], area = kernel[1] * kernel[2];
    each(at(layer.output).shape, [&](const Index& to) {
      const std::size_t out = to[3], first = out / (kernel[0] / layer.groups) * in;
      double total = bias(layer.weights, out, layer.input);
      for (std::size_t channel = 0; channel < in; ++channel)
        window(layer.input, layer.window, to, first + channel, kernel[1], kernel[2],
               [&](std::size_t from, std::size_t place) {
                 total += real(layer.input, from) *
                          weight(layer.weights, out, (out * area + place) * in + channel);
               });
      put(layer.output, total, layer.limits);
    });
  }

  void compute(const Dense& layer) {
    const std::size_t in = layer.weights.shape[1];
    for (std::size_t row = 0; row < values_[layer.input].size() / in; ++row)
      for (std::size_t out = 0; out < layer.weights.shape[0]; ++out) {
        double total = bias(layer.weights, out, layer.input);
        for (std::size_t i = 0; i < in; ++i)
          total += real(layer.input, row * in + i) * weight(layer.weights, out, out * in + i);
        put(layer.output, total, layer.limits);
      }
  }

  void compute(const Binary& layer) {
    each(at(layer.output).shape, [&](const Index& to) {
      const double first = real(layer.first, offset(at(layer.first).shape, to));
      const double second = real(layer.second, offset(at(layer.second).shape, to));
      const double value = layer.operation == Arithmetic::add        ? first + second
                           : layer.operation == Arithmetic::subtract ? first - second
                                                                     : first * second;
      put(layer.output, value, layer.limits);
    });
  }

  void compute(const AveragePool& layer) {
    each(at(layer.output).shape, [&](const Index& to) {
      double total = 0;
      int count = 0;
      window(layer.input, layer.window, to, to[3], layer.size[0], layer.size[1],
             [&](std::size_t from, std::size_t) { total += real(layer.input, from), ++count; });
      put(layer.output, total / count, layer.limits);
    });
  }

  void compute(const MaxPool& layer) {
    each(at(layer.output).shape, [&](const Index& to) {
      double most = -1e30;
      window(layer.input, layer.window, to, to[3], layer.size[0], layer.size[1],
             [&](std::size_t from, std::size_t) { most = std::max(most, real(layer.input, from)); });
      put(layer.output, most, layer.limits);
    });
  }

  void compute(const Mean& layer) {
    Shape kept = at(layer.input).shape;
    for (const std::size_t axis : layer.axes) kept[axis] = 1;
    std::vector<double> totals(count_of(kept));
    each(at(layer.input).shape, [&](const Index& from) {
      totals[offset(kept, from)] += real(layer.input, offset(at(layer.input).shape, from));
    });
    const double count = static_cast<double>(values_[layer.input].size() / totals.size());
    for (const double total : totals) put(layer.output, total / count);
  }

  void compute(const Padding& layer) {
    const Shape& from = at(layer.input).shape;
    each(at(layer.output).shape, [&](Index to) {
      bool inside = true;
      for (std::size_t i = 0; i < to.size(); ++i) {
        to[i] -= layer.before[i];
        inside = inside && to[i] < from[i];
      }
      put(layer.output, inside ? real(layer.input, offset(from, to)) : 0);
    });
  }

  void compute(const Reshaping& layer) { values_[layer.output] = values_[layer.input]; }

  void compute(const Transposition& layer) {
    each(at(layer.output).shape, [&](const Index& to) {
      Index from(to.size());
      for (std::size_t i = 0; i < to.size(); ++i) from[layer.order[i]] = to[i];
      put(layer.output, real(layer.input, offset(at(layer.input).shape, from)));
    });
  }

  void compute(const Softmax& layer) {
    const std::size_t count = at(layer.input).shape.back();
    for (std::size_t first = 0; first < values_[layer.input].size(); first += count) {
      double total = 0;
      for (std::size_t i = 0; i < count; ++i) total += std::exp(real(layer.input, first + i));
      for (std::size_t i = 0; i < count; ++i)
        put(layer.output, std::exp(real(layer.input, first + i)) / total);
    }
  }

  void compute(const Unary& layer) {
    for (std::size_t i = 0; i < values_[layer.input].size(); ++i) {
      const double x = real(layer.input, i);
      const double value = layer.function == Function::hard_swish ? x * std::clamp(x / 6 + 0.5, 0.0, 1.0)
                           : layer.function == Function::sigmoid  ? 1 / (1 + std::exp(-x))
                           : layer.function == Function::tanh     ? std::tanh(x)
                                                                  : x;
      put(layer.output, value, layer.limits);
    }
  }

  const Network& network_;
  std::vector<std::vector<std::int8_t>> values_;
};

}  // namespace loopgate::inspection
