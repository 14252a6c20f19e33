// Operators whose inputs are int8 tensors, each followed by its scale and zero point.
#include <algorithm>
#include <utility>

#include "formats/onnx_layers.h"
#include "formats/onnx_operators.h"

namespace loopgate::inspection {

namespace {

constexpr std::size_t none = 99;  // an input that the operator has not

// Without a zero point it is of the first input's type, as the operators' definitions have it.
Ending ending(const OnnxGraph& graph, const NodeReader& read, std::size_t scale, std::size_t zero_point) {
  const TensorType type = read.has(zero_point) ? read.constant(zero_point).type : graph.type_of(read, 0);
  return {{read.output(), read.scale(scale), read.zero_point(zero_point, type)}, {}, type};
}

// `out` is the axis that counts the output channels.
Weights weights(const NodeReader& read, std::size_t index, std::size_t bias, std::size_t out_axis = 0) {
  const OnnxTensor& tensor = read.constant(index);
  if (tensor.dims.size() < 2 || std::ranges::any_of(tensor.dims, [](std::int64_t dim) { return dim < 1; }))
    NodeReader::refuse("weights \"" + tensor.name + "\" are " + shape_text(tensor.dims));
  const auto out = static_cast<std::size_t>(tensor.dims[out_axis]);
  read.all_zero(index + 2, tensor.type);
  Weights weights{shape_of(tensor), read.int8(index), read.scales(index + 1, out), {}};
  if (read.has(bias)) {
    const OnnxTensor& values = read.constant(bias, TensorType::int32);
    if (values.integers.size() != out)
      NodeReader::refuse("bias \"" + values.name + "\" has " + std::to_string(values.integers.size()) +
                         " values for " + std::to_string(out) + " channels");
    weights.bias.assign(values.integers.begin(), values.integers.end());
  }
  return weights;
}

void convolution(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0, 1, 2);
  add_convolution(graph, read, input, weights(read, 3, 8), ending(graph, read, 6, 7));
}

void product(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0, 1, 2);
  add_dense(graph, input, transposed(weights(read, 3, none, 1)), ending(graph, read, 6, 7));
}

void dense(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0, 1, 2);
  read.only("transA", std::int64_t{0});
  read.only("alpha", 1.0F);
  const bool out_first = read.integer("transB", 0) != 0;
  Weights its = weights(read, 3, 6, out_first ? 0 : 1);
  add_dense(graph, input, out_first ? std::move(its) : transposed(std::move(its)), ending(graph, read, 7, 8));
}

// A tensor that was given, or a constant.
std::size_t operand(OnnxGraph& graph, const NodeReader& read, std::size_t index, std::size_t other) {
  if (!read.is_constant(index)) return graph.find(read, index, index + 1, index + 2);
  if (read.is_constant(other)) NodeReader::refuse("both its inputs are constants");
  const OnnxTensor& tensor = read.constant(index);
  return constant_operand(graph, tensor.name, shape_of(tensor), read.int8(index), read.scale(index + 1),
                          read.zero_point(index + 2, tensor.type),
                          graph.at(graph.find(read, other)).shape.size());
}

void binary(OnnxGraph& graph, const NodeReader& read) {
  const auto operation = read.operation().ends_with("Mul") ? Arithmetic::multiply : Arithmetic::add;
  const std::size_t first = operand(graph, read, 0, 3);
  const std::size_t second = operand(graph, read, 3, 0);
  add_binary(graph, operation, first, second, ending(graph, read, 6, 7));
}

void mean(OnnxGraph& graph, const NodeReader& read) {
  read.only("channels_last", std::int64_t{0});
  add_mean(graph, graph.find(read, 0, 1, 2), ending(graph, read, 3, 4));
}

void average_pool(OnnxGraph& graph, const NodeReader& read) {
  read.only("channels_last", std::int64_t{0});
  add_average_pool(graph, read, graph.find(read, 0, 1, 2), ending(graph, read, 3, 4));
}

void sigmoid(OnnxGraph& graph, const NodeReader& read) {
  const Ending its = ending(graph, read, 3, 4);
  graph.give(its, graph.network.add(Unary{Function::sigmoid, graph.find(read, 0, 1, 2), 0, {}}, its.given));
}

void softmax(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0, 1, 2);
  if (graph.at(input).shape.size() != 2) NodeReader::refuse("only a softmax of one row is understood");
  const Ending its = ending(graph, read, 3, 4);
  graph.give(its, graph.network.add(Softmax{input, 0}, its.given));
}

}  // namespace

const OnnxReaders& quantised_operators() {
  static const OnnxReaders readers = {
      {"QLinearConv", convolution},
      {"QLinearMatMul", product},
      {"com.microsoft.QGemm", dense},
      {"com.microsoft.QLinearAdd", binary},
      {"com.microsoft.QLinearMul", binary},
      {"com.microsoft.QLinearGlobalAveragePool", mean},
      {"com.microsoft.QLinearAveragePool", average_pool},
      {"com.microsoft.QLinearSigmoid", sigmoid},
      {"com.microsoft.QLinearSoftmax", softmax},
  };
  return readers;
}

}  // namespace loopgate::inspection
