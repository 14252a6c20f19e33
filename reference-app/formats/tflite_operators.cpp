#include "formats/tflite_operators.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace loopgate::inspection {

using tflite::OptionsType;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

// SAME (0): as many places as the input has, divided by the stride; the odd pad is behind. VALID: no pads.
void pad(const TfliteNode& node, OptionsType type, const std::array<std::size_t, 2>& kernel,
         const Shape& input, Window* window) {
  if (input.size() != 4) refuse("its input is " + shape_text(input) + ", no picture of four axes");
  if (node.option<std::int8_t>(type, 0) != 0) return;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t length = input[1 + i], stride = window->strides[i];
    const std::size_t reach = (kernel[i] - 1) * window->dilations[i] + 1;
    const std::size_t covered = ((length + stride - 1) / stride - 1) * stride + reach;
    const std::size_t missing = covered > length ? covered - length : 0;
    if (missing > 65536) refuse("its kernel reaches over " + std::to_string(reach) + " pixels");
    window->pads[i] = static_cast<std::uint32_t>(missing / 2);
    window->pads[2 + i] = static_cast<std::uint32_t>(missing - missing / 2);
  }
}

// `axis` counts the output channels. The scale of a bias is not read: by definition it is the input's times
// the weights', and some converters wrote it along an axis that is not there.
Weights weights_of(const TfliteNode& node, std::size_t axis, std::size_t axes) {
  const std::int32_t number = node.input(1);
  Weights weights{node.graph.shape(number), {}, node.graph.weight_scales(number, axis), {}};
  if (weights.shape.size() != axes) refuse("its weights are " + shape_text(weights.shape));
  weights.values = node.graph.int8(number);
  if (node.has(2)) {
    weights.bias = node.graph.int32(node.input(2));
    if (weights.bias.size() != weights.shape[axis])
      refuse("its bias has " + std::to_string(weights.bias.size()) + " values for " +
             std::to_string(weights.shape[axis]) + " channels");
  }
  return weights;
}

void convolution(const TfliteNode& node) {
  constexpr auto type = OptionsType::convolution;
  Convolution layer{node.activation(0), 0, weights_of(node, 0, 4), 1, {}, node.limits(type, 3)};
  layer.window.strides = {node.length(type, 2), node.length(type, 1)};
  layer.window.dilations = {node.length(type, 5, 1), node.length(type, 4, 1)};
  const Shape& input = node.at(layer.input).shape;
  const Shape& kernel = layer.weights.shape;
  pad(node, type, {kernel[1], kernel[2]}, input, &layer.window);
  if (input[3] % kernel[3] == 0) layer.groups = static_cast<std::uint32_t>(input[3] / kernel[3]);
  node.give(node.graph.network.add(std::move(layer), node.given()));
}

// Weights 1, height, width, out as out, height, width, 1.
Weights out_first(Weights weights) {
  if (weights.shape[0] != 1) refuse("its weights are " + shape_text(weights.shape));
  const std::size_t area = weights.shape[1] * weights.shape[2], out = weights.shape[3];
  std::vector<std::int8_t> turned(weights.values.size());
  for (std::size_t i = 0; i < area; ++i)
    for (std::size_t o = 0; o < out; ++o) turned[o * area + i] = weights.values[i * out + o];
  weights.values = std::move(turned);
  weights.shape = {out, weights.shape[1], weights.shape[2], 1};
  return weights;
}

void depthwise_convolution(const TfliteNode& node) {
  constexpr auto type = OptionsType::depthwise_convolution;
  Convolution layer{node.activation(0), 0, out_first(weights_of(node, 3, 4)), 1, {}, node.limits(type, 4)};
  layer.window.strides = {node.length(type, 2), node.length(type, 1)};
  layer.window.dilations = {node.length(type, 6, 1), node.length(type, 5, 1)};
  const Shape& input = node.at(layer.input).shape;
  pad(node, type, {layer.weights.shape[1], layer.weights.shape[2]}, input, &layer.window);
  layer.groups = static_cast<std::uint32_t>(std::min<std::size_t>(input[3], 65536));
  node.give(node.graph.network.add(std::move(layer), node.given()));
}

void fully_connected(const TfliteNode& node) {
  constexpr auto type = OptionsType::fully_connected;
  if (node.option<std::int8_t>(type, 1) != 0) refuse("its weights are shuffled: convert the model again");
  std::size_t input = node.activation(0);
  Weights weights = weights_of(node, 0, 2);
  const Activation from = node.at(input);
  // All values in rows of as many as the weights take.
  const bool keeps_axes = node.option<std::int8_t>(type, 2) != 0;
  if (!keeps_axes && count_of(from.shape) % weights.shape[1] == 0)
    input = node.graph.network.reshape(input, {count_of(from.shape) / weights.shape[1], weights.shape[1]},
                                       from.name);
  node.give(node.graph.network.add(Dense{input, 0, std::move(weights), node.limits(type, 0)}, node.given()));
}

template <class Pool>
void pool(const TfliteNode& node) {
  constexpr auto type = OptionsType::pool;
  Pool layer{node.activation(0), 0, {node.length(type, 4), node.length(type, 3)}, {}, node.limits(type, 5)};
  layer.window.strides = {node.length(type, 2), node.length(type, 1)};
  pad(node, type, {layer.size[0], layer.size[1]}, node.at(layer.input).shape, &layer.window);
  node.give(node.graph.network.add(layer, node.given()));
}

template <Arithmetic operation, OptionsType type>
void binary(const TfliteNode& node) {
  const Binary layer{operation, node.activation(0), node.activation(1), 0, node.limits(type, 0)};
  node.give(node.graph.network.add(layer, node.given()));
}

std::size_t axis_of(std::int32_t axis, std::size_t axes) {
  const auto count = static_cast<std::int32_t>(axes);
  if (axis < -count || axis >= count) refuse("has no axis " + std::to_string(axis));
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

void mean(const TfliteNode& node) {
  Mean layer{node.activation(0), 0, {}};
  for (const std::int32_t axis : node.graph.int32(node.input(1)))
    layer.axes.push_back(axis_of(axis, node.at(layer.input).shape.size()));
  const bool keep_axes = node.option<std::int8_t>(OptionsType::reducer, 0) != 0;
  node.give(node.graph.network.add(std::move(layer), node.given(), keep_axes));
}

void padding(const TfliteNode& node) {
  Padding layer{node.activation(0), 0, {}, {}};
  const std::vector<std::int32_t> pads = node.graph.int32(node.input(1));
  if (node.has(2) && node.graph.int8(node.input(2)) !=
                         std::vector{static_cast<std::int8_t>(node.at(layer.input).zero_point)})
    refuse("pads with another value than 0");
  for (std::size_t i = 0; i < pads.size(); ++i) {
    if (pads[i] < 0 || pads[i] > 1024) refuse("a pad of " + std::to_string(pads[i]));
    (i % 2 == 0 ? layer.before : layer.after).push_back(static_cast<std::size_t>(pads[i]));
  }
  node.give(node.graph.network.add(std::move(layer), node.given()));
}

// To the shape that the file gives the output.
void reshape(const TfliteNode& node) {
  node.give(
      node.graph.network.reshape(node.activation(0), node.graph.shape(node.output()), node.given().name));
}

void transpose(const TfliteNode& node) {
  Transposition layer{node.activation(0), 0, {}};
  for (const std::int32_t axis : node.graph.int32(node.input(1)))
    layer.order.push_back(axis_of(axis, node.at(layer.input).shape.size()));
  node.give(node.graph.network.add(std::move(layer), node.given()));
}

void softmax(const TfliteNode& node) {
  if (node.option<float>(OptionsType::softmax, 0) != 1.0F) refuse("its beta is not 1");
  node.give(node.graph.network.add(Softmax{node.activation(0), 0}, node.given()));
}

template <Function function>
void unary(const TfliteNode& node) {
  node.give(node.graph.network.add(Unary{function, node.activation(0), 0, {}}, node.given()));
}

void cut(const TfliteNode& node, float low, float high) {
  const Given to = node.given();
  const Unary layer{Function::identity, node.activation(0), 0, limits_of(low, high, to.scale, to.zero_point)};
  node.give(node.graph.network.add(layer, to));
}

}  // namespace

const std::map<std::string, TfliteReader>& tflite_operators() {
  static const std::map<std::string, TfliteReader> readers = {
      {"ADD", binary<Arithmetic::add, OptionsType::add>},
      {"AVERAGE_POOL_2D", pool<AveragePool>},
      {"CONV_2D", convolution},
      {"DEPTHWISE_CONV_2D", depthwise_convolution},
      {"EXPAND_DIMS", reshape},
      {"FULLY_CONNECTED", fully_connected},
      {"HARD_SWISH", unary<Function::hard_swish>},
      {"LOGISTIC", unary<Function::sigmoid>},
      {"MAX_POOL_2D", pool<MaxPool>},
      {"MEAN", mean},
      {"MUL", binary<Arithmetic::multiply, OptionsType::multiply>},
      {"PAD", padding},
      {"PADV2", padding},
      {"QUANTIZE", unary<Function::identity>},
      {"RELU", [](const TfliteNode& node) { cut(node, 0, infinite); }},
      {"RELU6", [](const TfliteNode& node) { cut(node, 0, 6); }},
      {"RELU_0_TO_1", [](const TfliteNode& node) { cut(node, 0, 1); }},
      {"RELU_N1_TO_1", [](const TfliteNode& node) { cut(node, -1, 1); }},
      {"RESHAPE", reshape},
      {"SOFTMAX", softmax},
      {"SQUEEZE", reshape},
      {"SUB", binary<Arithmetic::subtract, OptionsType::subtract>},
      {"TANH", unary<Function::tanh>},
      {"TRANSPOSE", transpose},
  };
  return readers;
}

}  // namespace loopgate::inspection
