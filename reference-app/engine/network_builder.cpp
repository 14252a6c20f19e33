#include "engine/network_builder.h"

#include <algorithm>
#include <utility>

#include "engine/shapes.h"

namespace loopgate::inspection {

namespace {

// In one tensor between layers: a picture of 4096x4096 is one. And in all of them: MobileNetV2 has 14
// million.
constexpr std::size_t most_values = 16U << 20U;
constexpr std::size_t most_values_in_all = 256U << 20U;

std::size_t checked_count(const Shape& shape) {
  // Pads, strides and channels of a foreign file can multiply to anything.
  std::size_t values = 1;
  for (const std::size_t length : shape)
    values = std::min(values, most_values + 1) * std::min(length, most_values + 1);
  if (values == 0 || values > most_values)
    throw Refusal{"its output is " + shape_text(shape) + (values == 0 ? ": empty" : ", which is too large")};
  return values;
}

bool same_scale(const Activation& input, const Given& given) {
  return input.scale == given.scale && input.zero_point == given.zero_point;
}

// For layers that only move values.
void want_same_scale(const Activation& input, const Given& given) {
  if (!same_scale(input, given)) throw Refusal{"its output has another scale or zero point than its input"};
}

// 65,536 products of 8 bits fit 32 bits.
void want_sums_that_fit(const Weights& weights) {
  const std::size_t products = count_of(weights.shape) / weights.shape[0];
  if (products > 65536)
    throw Refusal{"adds up " + std::to_string(products) + " products, more than the limit of 65536"};
}

std::size_t* output_of(Layer* layer) {
  return std::visit([](auto& one) { return &one.output; }, *layer);
}

void mark_inputs(const Layer& layer, std::vector<bool>* read) {
  const auto mark = [read](const auto& one) {
    if constexpr (requires { one.first; }) {
      (*read)[one.first] = true;
      (*read)[one.second] = true;
    } else {
      (*read)[one.input] = true;
    }
  };
  std::visit(mark, layer);
}

}  // namespace

std::size_t NetworkBuilder::keep(Activation activation) {
  values_ += checked_count(activation.shape);
  if (values_ > most_values_in_all) throw Refusal{"with its output the network is too large"};
  network_.activations.push_back(std::move(activation));
  return network_.activations.size() - 1;
}

template <class Single>
std::size_t NetworkBuilder::put(Single layer, Shape shape, const Given& given) {
  layer.output = keep({given.name, std::move(shape), given.scale, given.zero_point, {}});
  const std::size_t output = layer.output;
  network_.layers.emplace_back(std::move(layer));
  return output;
}

// The program fills one activation, so all who read the picture read that one.
std::size_t NetworkBuilder::input(Activation activation) {
  if (has_input_) {
    const Activation& first = at(network_.input);
    if (first.scale != activation.scale || first.zero_point != activation.zero_point)
      throw Refusal{"makes int8 of the network's input at another scale or zero point than \"" + first.name +
                    "\", which was made of it before: quantise the input once"};
    if (first.shape != activation.shape)
      throw Refusal{"makes " + shape_text(activation.shape) + " of the network's input, which is " +
                    shape_text(first.shape)};
    return network_.input;
  }
  has_input_ = true;
  network_.input = keep(std::move(activation));
  return network_.input;
}

std::size_t NetworkBuilder::constant(Activation activation) { return keep(std::move(activation)); }

void NetworkBuilder::take_padding(std::size_t* input, Window* window) const {
  for (const Layer& layer : network_.layers) {
    const auto* padding = std::get_if<Padding>(&layer);
    if (padding == nullptr || padding->output != *input || padding->before.size() != 4) continue;
    const auto &before = padding->before, &after = padding->after;
    if (before[0] + after[0] + before[3] + after[3] != 0) return;
    *input = padding->input;
    window->pads[0] += static_cast<std::uint32_t>(before[1]);
    window->pads[1] += static_cast<std::uint32_t>(before[2]);
    window->pads[2] += static_cast<std::uint32_t>(after[1]);
    window->pads[3] += static_cast<std::uint32_t>(after[2]);
    return;
  }
}

std::size_t NetworkBuilder::add(Convolution layer, const Given& given) {
  want_sums_that_fit(layer.weights);
  take_padding(&layer.input, &layer.window);
  Shape shape = shape_after(layer, at(layer.input).shape);
  return put(std::move(layer), std::move(shape), given);
}

std::size_t NetworkBuilder::add(Dense layer, const Given& given) {
  want_sums_that_fit(layer.weights);
  Shape shape = shape_after(layer, at(layer.input).shape);
  return put(std::move(layer), std::move(shape), given);
}

std::size_t NetworkBuilder::add(Binary layer, const Given& given) {
  return put(layer, shape_after(layer, at(layer.first).shape, at(layer.second).shape), given);
}

std::size_t NetworkBuilder::add(AveragePool layer, const Given& given) {
  if (const auto& [down, across] = layer.window.dilations; down != 1 || across != 1)
    throw Refusal{"its dilations are " + std::to_string(down) + " and " + std::to_string(across) +
                  ": averages over a dilated window are not supported"};
  return put(layer, shape_after(layer.size, layer.window, at(layer.input).shape), given);
}

std::size_t NetworkBuilder::add(MaxPool layer, const Given& given) {
  want_same_scale(at(layer.input), given);
  return put(layer, shape_after(layer.size, layer.window, at(layer.input).shape), given);
}

std::size_t NetworkBuilder::add(Mean layer, const Given& given, bool keep_axes) {
  std::ranges::sort(layer.axes);
  const auto again = std::ranges::unique(layer.axes);
  layer.axes.erase(again.begin(), again.end());
  Shape shape = shape_after(layer, at(layer.input).shape, keep_axes);
  return put(std::move(layer), std::move(shape), given);
}

std::size_t NetworkBuilder::add(Padding layer, const Given& given) {
  want_same_scale(at(layer.input), given);
  Shape shape = shape_after(layer, at(layer.input).shape);
  return put(std::move(layer), std::move(shape), given);
}

std::size_t NetworkBuilder::add(Transposition layer, const Given& given) {
  want_same_scale(at(layer.input), given);
  Shape shape = shape_after(layer, at(layer.input).shape);
  return put(std::move(layer), std::move(shape), given);
}

std::size_t NetworkBuilder::add(Softmax layer, const Given& given) {
  return put(layer, at(layer.input).shape, given);
}

// Engines have tables for functions, and limits for the identity alone.
std::size_t NetworkBuilder::add(Unary layer, const Given& given) {
  const Shape& shape = at(layer.input).shape;
  if (layer.function != Function::identity) {
    const Limits limits = std::exchange(layer.limits, {});
    return cut(put(layer, shape, given), limits);
  }
  if (!layer.limits.cut() && same_scale(at(layer.input), given)) return layer.input;
  return put(layer, shape, given);
}

std::size_t NetworkBuilder::cut(std::size_t place, const Limits& limits) {
  const Activation& from = at(place);
  return add(Unary{Function::identity, place, 0, limits}, {from.name, from.scale, from.zero_point});
}

std::size_t NetworkBuilder::reshape(std::size_t input, Shape shape, const std::string& name) {
  const Activation& from = at(input);
  if (shape == from.shape) return input;
  if (checked_count(shape) != count_of(from.shape))
    throw Refusal{"makes " + shape_text(shape) + " of " + shape_text(from.shape)};
  return put(Reshaping{input, 0}, std::move(shape), {name, from.scale, from.zero_point});
}

Network NetworkBuilder::finish(std::size_t output) {
  network_.output = output;
  std::vector<bool> read(network_.activations.size());
  read[output] = true;
  std::vector<Layer> needed;
  for (auto layer = network_.layers.rbegin(); layer != network_.layers.rend(); ++layer) {
    if (!read[*output_of(&*layer)]) continue;
    mark_inputs(*layer, &read);
    needed.push_back(std::move(*layer));
  }
  if (needed.empty() || !read[network_.input]) throw Refusal{"its output does not depend on its input"};
  std::ranges::reverse(needed);
  network_.layers = std::move(needed);
  return std::move(network_);
}

}  // namespace loopgate::inspection
