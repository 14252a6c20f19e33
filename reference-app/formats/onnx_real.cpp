// Operators of numbers between DequantizeLinear and QuantizeLinear: their inputs are int8 tensors that were
// dequantised, or constants.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "formats/onnx_chain.h"
#include "formats/onnx_layers.h"
#include "formats/onnx_operators.h"

namespace loopgate::inspection {

namespace {

// A constant that DequantizeLinear makes numbers of.
const OnnxNode* dequantised(const OnnxGraph& graph, const NodeReader& read, std::size_t index) {
  const auto found = graph.real_constants.find(read.input(index));
  if (found == graph.real_constants.end())
    NodeReader::refuse("its weights \"" + read.input(index) +
                       "\" are not a dequantised int8 constant: quantise the weights, too");
  return found->second;
}

// `out_axis` counts the output channels.
Weights weights_of(const OnnxGraph& graph, const NodeReader& read, std::size_t index, std::size_t out_axis) {
  const NodeReader from(graph.file, *dequantised(graph, read, index));
  const OnnxTensor& tensor = from.constant(0);
  if (tensor.dims.size() < 2 || std::ranges::any_of(tensor.dims, [](std::int64_t dim) { return dim < 1; }))
    NodeReader::refuse("weights \"" + tensor.name + "\" are " + shape_text(tensor.dims));
  const auto out = static_cast<std::size_t>(tensor.dims[out_axis]);
  Weights weights{shape_of(tensor), from.int8(0), from.scales(1, out), {}};
  const std::int64_t axis = from.integer("axis", 1);
  const auto axes = static_cast<std::int64_t>(tensor.dims.size());
  if (weights.scales.size() > 1 && (axis < 0 ? axis + axes : axis) != static_cast<std::int64_t>(out_axis))
    NodeReader::refuse("weights \"" + tensor.name + "\" have scales along axis " + std::to_string(axis));
  from.all_zero(2, tensor.type);
  return weights;
}

// In steps of the input's scale times the weights', whatever the file's own are.
void put_bias(Weights* weights, std::size_t out, const std::vector<double>& values, float input_scale) {
  for (std::size_t i = 0; i < out; ++i) {
    const double scale = double{input_scale} * double{weights->scales[weights->scales.size() == 1 ? 0 : i]};
    const double steps = std::round(values[values.size() == 1 ? 0 : i] / scale);
    if (!(std::abs(steps) < 0x1p31)) NodeReader::refuse("a value of its bias does not fit 32 bits");
    weights->bias.push_back(static_cast<std::int32_t>(steps));
  }
}

void want_as_many(std::size_t values, std::size_t channels) {
  if (values != channels && values != 1)
    NodeReader::refuse("its bias has " + std::to_string(values) + " values for " + std::to_string(channels) +
                       " channels");
}

// The numbers of a dequantised constant.
std::vector<double> dequantised_numbers(const NodeReader& from, std::size_t channels) {
  const OnnxTensor& tensor = from.constant(0);
  std::vector<double> numbers;
  if (tensor.type == TensorType::int32) {
    if (from.has(2) && std::ranges::any_of(from.constant(2, TensorType::int32).integers,
                                           [](std::int64_t value) { return value != 0; }))
      NodeReader::refuse("the zero point of bias \"" + tensor.name + "\" is not 0");
    want_as_many(tensor.integers.size(), channels);
    numbers.assign(tensor.integers.begin(), tensor.integers.end());
  } else {
    const std::vector<std::int8_t>& values = from.int8(0);
    want_as_many(values.size(), channels);
    const int zero = from.zero_point(2, tensor.type);
    for (const std::int8_t value : values) numbers.push_back(value - zero);
  }
  const std::vector<float> scales = from.scales(1, numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] *= double{scales[scales.size() == 1 ? 0 : i]};
  return numbers;
}

// One, or `channels`: the numbers of a constant, or of one that was dequantised.
std::vector<double> bias_of(const OnnxGraph& graph, const std::string& name, std::size_t channels) {
  if (const auto found = graph.file.constants.find(name); found != graph.file.constants.end()) {
    if (found->second.type != TensorType::float32) NodeReader::refuse("\"" + name + "\" is not float");
    want_as_many(found->second.floats.size(), channels);
    return {found->second.floats.begin(), found->second.floats.end()};
  }
  const auto found = graph.real_constants.find(name);
  if (found == graph.real_constants.end()) NodeReader::refuse("\"" + name + "\" is not constant");
  return dequantised_numbers(NodeReader(graph.file, *found->second), channels);
}

// With the bias of that name, in steps that fit the layer's input.
void put_bias(const OnnxGraph& graph, const std::string& name, std::size_t input, Weights* weights) {
  const std::size_t out = weights->shape[0];
  put_bias(weights, out, bias_of(graph, name, out), graph.at(input).scale);
}

void real_convolution(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  Weights weights = weights_of(graph, read, 1, 0);
  if (read.has(2)) put_bias(graph, read.input(2), input, &weights);
  add_convolution(graph, read, input, std::move(weights), graph.chains.after(read));
}

void gemm(OnnxGraph& graph, const NodeReader& read) {
  read.only("transA", std::int64_t{0});
  read.only("alpha", 1.0F);
  read.only("beta", 1.0F);
  const std::size_t input = graph.find(read, 0);
  const bool out_first = read.integer("transB", 0) != 0;
  Weights weights = weights_of(graph, read, 1, out_first ? 0 : 1);
  if (!out_first) weights = transposed(std::move(weights));
  if (read.has(2)) put_bias(graph, read.input(2), input, &weights);
  add_dense(graph, input, std::move(weights), graph.chains.after(read));
}

// With the addition of a constant row behind it, if there is one, as its bias.
void real_product(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  Weights weights = transposed(weights_of(graph, read, 1, 1));
  const OnnxNode* addition = graph.chains.addition_after(read);
  if (addition == nullptr) return add_dense(graph, input, std::move(weights), graph.chains.after(read));
  const std::string& bias = addition->inputs[0] == read.output() ? addition->inputs[1] : addition->inputs[0];
  put_bias(graph, bias, input, &weights);
  graph.chains.take(*addition);
  add_dense(graph, input, std::move(weights), graph.chains.after(NodeReader(graph.file, *addition)));
}

std::size_t operand(OnnxGraph& graph, const NodeReader& read, std::size_t index) {
  if (graph.has(read.input(index))) return graph.find(read, index);
  if (!graph.has(read.input(1 - index)))
    NodeReader::refuse("no int8 operator gives its input \"" + read.input(index) + "\"");
  const std::size_t axes = graph.at(graph.find(read, 1 - index)).shape.size();
  const auto found = graph.real_constants.find(read.input(index));
  if (found == graph.real_constants.end())
    NodeReader::refuse("its input \"" + read.input(index) + "\" is not quantised");
  const NodeReader from(graph.file, *found->second);
  const OnnxTensor& tensor = from.constant(0);
  return constant_operand(graph, tensor.name, shape_of(tensor), from.int8(0), from.scale(1),
                          from.zero_point(2, tensor.type), axes);
}

template <Arithmetic operation>
void binary(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t first = operand(graph, read, 0);
  const std::size_t second = operand(graph, read, 1);
  add_binary(graph, operation, first, second, graph.chains.after(read));
}

void mean_of_picture(OnnxGraph& graph, const NodeReader& read) {
  add_mean(graph, graph.find(read, 0), graph.chains.after(read));
}

void real_average_pool(OnnxGraph& graph, const NodeReader& read) {
  add_average_pool(graph, read, graph.find(read, 0), graph.chains.after(read));
}

void reduce_mean(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  const std::size_t axes = graph.at(input).shape.size();
  Mean layer{input, 0, {}};
  const std::vector<std::int64_t> given =
      read.has(1) ? read.constant(1, TensorType::int64).integers : read.list("axes");
  if (given.size() > axes) NodeReader::refuse("names more axes than its input has");
  for (const std::int64_t axis : given) layer.axes.push_back(network_axis(axis_of(axis, axes), axes));
  const bool keep = read.integer("keepdims", 1) != 0;
  if (layer.axes.empty() || (axes == 4 && !keep && layer.axes != std::vector<std::size_t>{1, 2} &&
                             layer.axes != std::vector<std::size_t>{2, 1}))
    NodeReader::refuse("a mean that leaves no picture is understood over height and width alone");
  const Ending ending = graph.chains.after(read);
  const std::size_t mean = graph.network.add(std::move(layer), ending.given, keep);
  graph.give(ending, graph.network.cut(mean, ending.limits));
}

template <Function function>
void unary(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  const Ending ending = graph.chains.after(read);
  graph.give(ending, graph.network.add(Unary{function, input, 0, ending.limits}, ending.given));
}

// Relu and Clip of an int8 tensor: what they leave is a limit of the output.
void cut(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  const Ending ending = graph.chains.after(read);
  graph.give(ending, graph.network.add(Unary{Function::identity, input, 0, ending.limits}, ending.given));
}

// clip(alpha * x + beta, 0, 1): a convolution of one pixel, each channel by itself.
void hard_sigmoid(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  const Activation& from = graph.at(input);
  if (from.shape.size() != 4) NodeReader::refuse("its input is " + shape_text(from.shape) + ", no picture");
  const float alpha = read.number("alpha", 0.2F), beta = read.number("beta", 0.5F);
  if (!std::isnormal(alpha) || alpha < 0 || !std::isfinite(beta))
    NodeReader::refuse("its alpha is not above 0");
  const std::size_t channels = from.shape[3];
  Weights weights{{channels, 1, 1, 1}, std::vector<std::int8_t>(channels, 64), {alpha / 64}, {}};
  put_bias(&weights, channels, {double{beta}}, from.scale);
  const Ending ending = graph.chains.after(read);
  const Limits own = limits_of(0, 1, ending.given.scale, ending.given.zero_point);
  Convolution layer{input,
                    0,
                    std::move(weights),
                    static_cast<std::uint32_t>(channels),
                    {},
                    limits_after(own, ending.limits)};
  graph.constants.take(bytes_of(layer.weights));
  graph.give(ending, graph.network.add(std::move(layer), ending.given));
}

// A softmax that ends the network need not be quantised: its values lie between 0 and 1.
void real_softmax(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  const Shape& shape = graph.at(input).shape;
  const auto last = static_cast<std::int64_t>(shape.size()) - 1;
  if (const std::int64_t axis = read.integer("axis", -1); shape.size() != 2 || (axis != -1 && axis != last))
    NodeReader::refuse("only a softmax of one row is understood");
  if (read.output() == graph.file.outputs[0].name) {
    graph.output = graph.network.add(Softmax{input, 0}, {read.output(), 1.0F / 256, -128});
    graph.given = true;
    return;
  }
  const Ending ending = graph.chains.after(read);
  const std::size_t shares = graph.network.add(Softmax{input, 0}, ending.given);
  graph.give(ending, graph.network.cut(shares, ending.limits));
}

}  // namespace

const OnnxReaders& real_operators() {
  static const OnnxReaders readers = {
      {"Add", binary<Arithmetic::add>},
      {"AveragePool", real_average_pool},
      {"Clip", cut},
      {"Conv", real_convolution},
      {"Gemm", gemm},
      {"GlobalAveragePool", mean_of_picture},
      {"HardSigmoid", hard_sigmoid},
      {"HardSwish", unary<Function::hard_swish>},
      {"MatMul", real_product},
      {"Mul", binary<Arithmetic::multiply>},
      {"ReduceMean", reduce_mean},
      {"Relu", cut},
      {"Sigmoid", unary<Function::sigmoid>},
      {"Softmax", real_softmax},
      {"Sub", binary<Arithmetic::subtract>},
      {"Tanh", unary<Function::tanh>},
  };
  return readers;
}

}  // namespace loopgate::inspection
