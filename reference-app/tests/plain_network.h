// The network in plain loops and doubles: what the engines are held against.
#pragma once

#include <cmath>
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
  const Activation& at(std::size_t place) const { return network_.activations[place]; }

  double real(std::size_t place, std::size_t index) const {
    return (values_[place][index] - at(place).zero_point) * static_cast<double>(at(place).scale);
  }

  static std::int8_t quantise(double value, const Activation& to) {
    return static_cast<std::int8_t>(
        std::clamp(std::nearbyint(value / to.scale) + to.zero_point, -128.0, 127.0));
  }

  static double weight(const Weights& weights, std::size_t out, std::size_t index) {
    return weights.values[index] * static_cast<double>(weights.scales[weights.scales.size() == 1 ? 0 : out]);
  }

  double bias(const Weights& weights, std::size_t out, std::size_t input) const {
    if (weights.bias.empty()) return 0;
    return weights.bias[out] * static_cast<double>(weights.scales[weights.scales.size() == 1 ? 0 : out]) *
           at(input).scale;
  }

  // The sum of one output value; positions beyond the input are 0.
  double sum(const Convolution& layer, std::size_t out, std::size_t y, std::size_t x) const {
    const auto& shape = layer.weights.shape;
    const auto& input = at(layer.input).shape;
    const std::size_t first = out / (shape[0] / layer.groups) * shape[1];
    double total = bias(layer.weights, out, layer.input);
    for (std::size_t channel = 0; channel < shape[1]; ++channel)
      for (std::size_t ky = 0; ky < shape[2]; ++ky)
        for (std::size_t kx = 0; kx < shape[3]; ++kx) {
          const std::size_t sy = y * layer.strides[0] + ky * layer.dilations[0] - layer.pads[0];
          const std::size_t sx = x * layer.strides[1] + kx * layer.dilations[1] - layer.pads[1];
          if (sy >= input[2] || sx >= input[3]) continue;  // below 0 is a very large number
          const std::size_t from = ((first + channel) * input[2] + sy) * input[3] + sx;
          total += real(layer.input, from) *
                   weight(layer.weights, out, ((out * shape[1] + channel) * shape[2] + ky) * shape[3] + kx);
        }
    return total;
  }

  void compute(const Convolution& layer) {
    const Activation& to = at(layer.output);
    for (std::size_t out = 0; out < to.shape[1]; ++out)
      for (std::size_t y = 0; y < to.shape[2]; ++y)
        for (std::size_t x = 0; x < to.shape[3]; ++x)
          values_[layer.output].push_back(quantise(sum(layer, out, y, x), to));
  }

  void compute(const Dense& layer) {
    for (std::size_t out = 0; out < layer.weights.shape[0]; ++out) {
      double total = bias(layer.weights, out, layer.input);
      for (std::size_t in = 0; in < layer.weights.shape[1]; ++in)
        total += real(layer.input, in) * weight(layer.weights, out, out * layer.weights.shape[1] + in);
      values_[layer.output].push_back(quantise(total, at(layer.output)));
    }
  }

  void compute(const Addition& layer) {
    for (std::size_t i = 0; i < values_[layer.first].size(); ++i)
      values_[layer.output].push_back(
          quantise(real(layer.first, i) + real(layer.second, i), at(layer.output)));
  }

  void compute(const GlobalMean& layer) {
    const auto& shape = at(layer.input).shape;
    const std::size_t area = shape[2] * shape[3];
    for (std::size_t channel = 0; channel < shape[1]; ++channel) {
      double total = 0;
      for (std::size_t i = 0; i < area; ++i) total += real(layer.input, channel * area + i);
      values_[layer.output].push_back(quantise(total / static_cast<double>(area), at(layer.output)));
    }
  }

  void compute(const Flattening& layer) { values_[layer.output] = values_[layer.input]; }

  const Network& network_;
  std::vector<std::vector<std::int8_t>> values_;
};

}  // namespace loopgate::inspection
