#include "formats/onnx_layers.h"

#include <algorithm>
#include <utility>

namespace loopgate::inspection {

namespace {

std::uint32_t groups_of(const NodeReader& read) {
  const std::int64_t groups = read.integer("group", 1);
  if (groups < 1 || groups > 65536) NodeReader::refuse("has " + std::to_string(groups) + " groups");
  return static_cast<std::uint32_t>(groups);
}

}  // namespace

Window window_of(const NodeReader& read) {
  read.only("auto_pad", std::string("NOTSET"));
  read.only("ceil_mode", std::int64_t{0});
  Window window;
  std::ranges::copy(read.integers("pads", 4, 0, 0), window.pads.begin());
  std::ranges::copy(read.integers("strides", 2, 1, 1), window.strides.begin());
  std::ranges::copy(read.integers("dilations", 2, 1, 1), window.dilations.begin());
  return window;
}

std::array<std::uint32_t, 2> size_of_pool(const NodeReader& read) {
  const std::vector<std::uint32_t> size = read.integers("kernel_shape", 2, 1, 1);
  return {size[0], size[1]};
}

void add_convolution(OnnxGraph& graph, const NodeReader& read, std::size_t input, Weights weights,
                     const Ending& ending) {
  if (weights.shape.size() != 4 || graph.at(input).shape.size() != 4)
    NodeReader::refuse("only convolutions over height and width are understood");
  Convolution layer{input,        0, channels_last(std::move(weights)), groups_of(read), window_of(read),
                    ending.limits};
  graph.constants.take(bytes_of(layer.weights));
  graph.give(ending, graph.network.add(std::move(layer), ending.given));
}

void add_dense(OnnxGraph& graph, std::size_t input, Weights weights, const Ending& ending) {
  if (graph.at(input).shape.size() != 2)
    NodeReader::refuse("its input is " + shape_text(graph.at(input).shape) + ", not one row");
  graph.constants.take(bytes_of(weights));
  graph.give(ending, graph.network.add(Dense{input, 0, std::move(weights), ending.limits}, ending.given));
}

void add_binary(OnnxGraph& graph, Arithmetic operation, std::size_t first, std::size_t second,
                const Ending& ending) {
  graph.give(ending, graph.network.add(Binary{operation, first, second, 0, ending.limits}, ending.given));
}

void add_mean(OnnxGraph& graph, std::size_t input, const Ending& ending) {
  if (graph.at(input).shape.size() != 4)
    NodeReader::refuse("its input is " + shape_text(graph.at(input).shape));
  const std::size_t mean = graph.network.add(Mean{input, 0, {1, 2}}, ending.given, true);
  graph.give(ending, graph.network.cut(mean, ending.limits));
}

void add_average_pool(OnnxGraph& graph, const NodeReader& read, std::size_t input, const Ending& ending) {
  AveragePool layer{input, 0, size_of_pool(read), window_of(read), ending.limits};
  const auto [top, left, bottom, right] = layer.window.pads;
  if (read.integer("count_include_pad", 0) != 0 && top + left + bottom + right != 0) {
    const Activation from = graph.at(input);
    layer.input = graph.network.add(Padding{input, 0, {0, top, left, 0}, {0, bottom, right, 0}},
                                    {from.name, from.scale, from.zero_point});
    layer.window.pads = {};
  }
  graph.give(ending, graph.network.add(layer, ending.given));
}

Shape shape_of(const OnnxTensor& tensor) { return {tensor.dims.begin(), tensor.dims.end()}; }

std::size_t constant_operand(OnnxGraph& graph, const std::string& name, Shape shape,
                             std::vector<std::int8_t> values, float scale, int zero_point,
                             std::size_t axes_of_other) {
  if (values.empty() || count_of(shape) != values.size() ||
      shape.size() > std::max<std::size_t>(axes_of_other, 1))
    NodeReader::refuse("constant \"" + name + "\" is " + shape_text(shape));
  if (axes_of_other == 4 && !shape.empty()) shape.insert(shape.begin(), 4 - shape.size(), 1);
  if (shape.empty()) shape = {1};
  graph.constants.take(values.size());
  turn_channels_last(&shape, &values);
  return graph.network.constant({name, std::move(shape), scale, zero_point, std::move(values)});
}

Weights transposed(Weights weights) {
  if (weights.shape.size() != 2) NodeReader::refuse("its weights are " + shape_text(weights.shape));
  std::swap(weights.shape[0], weights.shape[1]);
  const std::size_t rows = weights.shape[1], columns = weights.shape[0];
  std::vector<std::int8_t> turned(weights.values.size());
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column)
      turned[column * rows + row] = weights.values[row * columns + column];
  weights.values = std::move(turned);
  return weights;
}

}  // namespace loopgate::inspection
