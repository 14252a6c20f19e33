#include "tests/qdq_fixture.h"

#include <cmath>
#include <functional>
#include <numeric>

namespace loopgate::inspection {

namespace {

std::int64_t product_of(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{1}, std::multiplies<>());
}

void set_float(onnx::NodeProto* node, const std::string& name, float value) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::FLOAT);
  attribute->set_f(value);
}

void set_number(onnx::NodeProto* node, const std::string& name, std::int64_t value) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(value);
}

}  // namespace

void set_attribute(onnx::NodeProto* node, const std::string& name, const std::vector<std::int64_t>& values) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute->add_ints(value);
}

// Of uint8 the same zero point is larger by 128.
std::string QdqBuilder::zero(int value) {
  const std::string name = builder.int8({uint8_ ? value + 128 : value}, {});
  if (uint8_)
    builder.model.mutable_graph()
        ->mutable_initializer(builder.model.graph().initializer_size() - 1)
        ->set_data_type(onnx::TensorProto::UINT8);
  return name;
}

Flow QdqBuilder::input(int height, int width, int channels) {
  Flow flow = builder.input(height, width, 0.02F, -14, channels);
  last()->set_input(2, zero(-14));
  return flow;
}

std::string QdqBuilder::numbers(const Flow& from) {
  const std::string name = fresh();
  builder.node("DequantizeLinear", "", {from.name, builder.floats({from.scale}), zero(from.zero_point)},
               name);
  return name;
}

Flow QdqBuilder::quantised(const std::string& tensor, const std::vector<std::int64_t>& shape, float scale,
                           int zero_point) {
  Flow to{fresh(), shape, scale, zero_point};
  builder.node("QuantizeLinear", "", {tensor, builder.floats({scale}), zero(zero_point)}, to.name);
  return to;
}

std::string QdqBuilder::weights(const std::vector<std::int64_t>& dims, std::size_t channels) {
  std::vector<int> values, zeros(channels, 0);
  for (std::int64_t i = 0; i < product_of(dims); ++i)
    values.push_back(static_cast<int>(random_() % 255U) - 127);
  std::vector<float> scales;
  for (std::size_t i = 0; i < channels; ++i)
    scales.push_back(0.01F + static_cast<float>(random_() % 100) / 1e4F);
  const std::string name = fresh();
  const std::vector<std::int64_t> of_zeros =
      channels == 1 ? std::vector<std::int64_t>() : std::vector{static_cast<std::int64_t>(channels)};
  onnx::NodeProto* node =
      builder.node("DequantizeLinear", "",
                   {builder.int8(values, dims), builder.floats(scales), builder.int8(zeros, of_zeros)}, name);
  if (channels > 1) set_number(node, "axis", 0);
  return name;
}

std::string QdqBuilder::cut(const std::string& tensor, const ActivationFunction& function) {
  if (function.name.empty()) return tensor;
  const std::string to = fresh();
  std::vector<std::string> inputs = {tensor};
  if (function.name == "Clip")
    inputs.insert(inputs.end(), {builder.floats({function.low}), builder.floats({function.high})});
  builder.node(function.name, "", inputs, to);
  return to;
}

Flow QdqBuilder::convolution(const Flow& from, const ConvolutionShape& shape,
                             const ActivationFunction& function) {
  const std::int64_t in = from.shape[1] / shape.groups;
  std::vector<float> bias;
  for (int i = 0; i < shape.out; ++i) bias.push_back(static_cast<float>(random_() % 100) / 50 - 1);
  const std::string filter =
      weights({shape.out, in, shape.kernel, shape.kernel}, static_cast<std::size_t>(shape.out));
  std::string name = fresh();
  onnx::NodeProto* node =
      builder.node("Conv", "", {numbers(from), filter, builder.floats(bias, false)}, name);
  set_number(node, "group", shape.groups);
  set_attribute(node, "pads", shape.pads);
  set_attribute(node, "strides", {shape.stride, shape.stride});
  name = cut(name, function);
  std::vector<std::int64_t> to = {1, shape.out, 0, 0};
  for (std::size_t i = 0; i < 2; ++i)
    to[2 + i] = (from.shape[2 + i] + shape.pads[i] + shape.pads[2 + i] - shape.kernel) / shape.stride + 1;
  const float spread = std::sqrt(static_cast<float>(in * shape.kernel * shape.kernel));
  return quantised(name, to, from.scale * 0.015F * spread * 73, 4);
}

Flow QdqBuilder::binary(const std::string& operation, const Flow& first, const Flow& second,
                        const ActivationFunction& function) {
  std::string name = fresh();
  builder.node(operation, "", {numbers(first), numbers(second)}, name);
  name = cut(name, function);
  const float scale =
      operation == "Mul" ? first.scale * second.scale * 60 : 1.4F * std::max(first.scale, second.scale);
  return quantised(name, first.shape, scale, -6);
}

Flow QdqBuilder::unary(const std::string& operation, const Flow& from, const std::vector<std::int64_t>& shape,
                       float scale, int zero_point, const ActivationFunction& function) {
  const std::string name = fresh();
  onnx::NodeProto* node = builder.node(operation, "", {numbers(from)}, name);
  if (operation == "AveragePool" || operation == "MaxPool") {
    set_attribute(node, "kernel_shape", {3, 3});
    set_attribute(node, "pads", {1, 1, 1, 1});
  }
  if (operation == "ReduceMean") set_attribute(node, "axes", {2, 3});
  if (operation == "HardSigmoid") set_float(node, "alpha", 1.0F / 6);
  return quantised(cut(name, function), shape, scale, zero_point);
}

Flow QdqBuilder::moved(const std::string& operation, const Flow& from, const std::vector<std::int64_t>& shape,
                       const std::vector<std::string>& more) {
  std::vector<std::string> inputs = {numbers(from)};
  inputs.insert(inputs.end(), more.begin(), more.end());
  const std::string name = fresh();
  builder.node(operation, "", inputs, name);
  if (operation == "MaxPool") {
    set_attribute(last(), "kernel_shape", {2, 2});
    set_attribute(last(), "strides", {2, 2});
  }
  if (operation == "Transpose") set_attribute(last(), "perm", {0, 2, 3, 1});
  return quantised(name, shape, from.scale, from.zero_point);
}

Flow QdqBuilder::gemm(const Flow& from, const std::vector<int>& values, int out) {
  const std::string filter = fresh(), name = fresh();
  builder.node("DequantizeLinear", "",
               {builder.int8(values, {out, from.shape[1]}), builder.floats({0.02F}), builder.int8({0}, {})},
               filter);
  onnx::NodeProto* node = builder.node("Gemm", "", {numbers(from), filter}, name);
  set_number(node, "transB", 1);
  return quantised(name, {1, out}, from.scale * 0.02F * 100, 0);
}

Flow QdqBuilder::product(const Flow& from, int out) {
  const std::string name = fresh(), sum = fresh();
  builder.node("MatMul", "", {numbers(from), weights({from.shape[1], out}, 1)}, name);
  builder.node("Add", "",
               {name, builder.floats(std::vector<float>(static_cast<std::size_t>(out), 0.3F), false)}, sum);
  return quantised(sum, {1, out}, from.scale * 0.01F * std::sqrt(static_cast<float>(from.shape[1])) * 73, 3);
}

void QdqBuilder::softmax_output(const Flow& from) {
  const std::string name = fresh();
  builder.node("Softmax", "", {numbers(from)}, name);
  describe_output(name, from.shape);
}

void QdqBuilder::describe_output(const std::string& name, const std::vector<std::int64_t>& shape) {
  onnx::ValueInfoProto* value = builder.model.mutable_graph()->add_output();
  value->set_name(name);
  onnx::TypeProto::Tensor* type = value->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : shape) type->mutable_shape()->add_dim()->set_dim_value(dim);
}

onnx::NodeProto* QdqBuilder::find(const std::string& operation) {
  for (onnx::NodeProto& node : *builder.model.mutable_graph()->mutable_node())
    if (node.op_type() == operation) return &node;
  return nullptr;
}

onnx::ModelProto qdq_model_of_all_operators(bool of_uint8) {
  QdqBuilder builder(of_uint8);
  Flow flow = builder.input(16, 20, 3);
  flow = builder.convolution(flow, {.out = 8, .kernel = 3, .pads = {1, 1, 1, 1}, .stride = 2}, {"Relu"});
  const Flow before = flow;
  flow =
      builder.convolution(flow, {.out = 8, .kernel = 3, .groups = 8, .pads = {1, 1, 1, 1}}, {"Clip", 0, 6});
  flow = builder.convolution(flow, {.out = 8});
  flow = builder.binary("Add", flow, before);
  flow = builder.unary("HardSwish", flow, flow.shape, 0.02F, -100);
  flow = builder.unary("AveragePool", flow, flow.shape, flow.scale * 0.7F, -90);
  Flow gate = builder.unary("GlobalAveragePool", flow, {1, 8, 1, 1}, flow.scale * 0.5F, -90);
  gate = builder.convolution(gate, {.out = 8});
  gate = builder.unary("HardSigmoid", gate, gate.shape, 1.0F / 256, -128);
  flow = builder.binary("Mul", flow, gate);
  flow = builder.moved("MaxPool", flow, {1, 8, 4, 5});
  flow = builder.moved("Flatten", flow, {1, 160});
  flow = builder.product(flow, 6);
  flow = builder.unary("Relu", flow, flow.shape, flow.scale * 0.8F, -128);
  std::vector<int> weights;
  for (int i = 0; i < 18; ++i) weights.push_back(40 * (i % 5) - 80);
  builder.softmax_output(builder.gemm(flow, weights, 3));
  return builder.builder.model;
}

}  // namespace loopgate::inspection
