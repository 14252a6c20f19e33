#include "tests/model_fixture.h"

#include <cmath>
#include <functional>
#include <numeric>

namespace loopgate::inspection {

namespace {

constexpr const char* microsoft = "com.microsoft";

std::int64_t product(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{1}, std::multiplies<>());
}

void set(onnx::NodeProto* node, const std::string& name, std::int64_t value) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(value);
}

void set(onnx::NodeProto* node, const std::string& name, const std::vector<std::int64_t>& values) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute->add_ints(value);
}

void describe(onnx::ValueInfoProto* value, const std::string& name, const std::vector<std::int64_t>& shape) {
  value->set_name(name);
  onnx::TypeProto::Tensor* type = value->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : shape) type->mutable_shape()->add_dim()->set_dim_value(dim);
}

}  // namespace

ModelBuilder::ModelBuilder() {
  model.set_ir_version(8);
  for (const auto& [domain, version] : {std::pair("", 17), std::pair(microsoft, 1)}) {
    onnx::OperatorSetIdProto* set = model.add_opset_import();
    set->set_domain(domain);
    set->set_version(version);
  }
  for (const auto& [key, value] :
       {std::pair("name", "made"), std::pair("version", "7"), std::pair("classes", "NG,OK")}) {
    onnx::StringStringEntryProto* entry = model.add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  }
  model.mutable_graph()->set_name("made");
}

onnx::TensorProto* ModelBuilder::constant(int type, const std::vector<std::int64_t>& dims) {
  onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(fresh("constant"));
  tensor->set_data_type(type);
  for (const std::int64_t dim : dims) tensor->add_dims(dim);
  return tensor;
}

std::string ModelBuilder::floats(const std::vector<float>& values, bool single) {
  const bool scalar = single && values.size() == 1;
  onnx::TensorProto* tensor =
      constant(onnx::TensorProto::FLOAT,
               scalar ? std::vector<std::int64_t>{} : std::vector{static_cast<std::int64_t>(values.size())});
  for (const float value : values) tensor->add_float_data(value);
  return tensor->name();
}

std::string ModelBuilder::int8(const std::vector<int>& values, const std::vector<std::int64_t>& dims) {
  onnx::TensorProto* tensor = constant(onnx::TensorProto::INT8, dims);
  for (const int value : values) tensor->mutable_raw_data()->push_back(static_cast<char>(value));
  return tensor->name();
}

std::string ModelBuilder::int32(const std::vector<int>& values) {
  onnx::TensorProto* tensor = constant(onnx::TensorProto::INT32, {static_cast<std::int64_t>(values.size())});
  for (const int value : values) tensor->add_int32_data(value);
  return tensor->name();
}

std::string ModelBuilder::int64(const std::vector<std::int64_t>& values) {
  onnx::TensorProto* tensor = constant(onnx::TensorProto::INT64, {static_cast<std::int64_t>(values.size())});
  for (const std::int64_t value : values) tensor->add_int64_data(value);
  return tensor->name();
}

std::vector<int> ModelBuilder::draw(std::size_t count, int limit) {
  std::vector<int> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<int>(random_() % static_cast<unsigned>(2 * limit + 1)) - limit);
  return values;
}

onnx::NodeProto* ModelBuilder::node(const std::string& operation, const std::string& domain,
                                    const std::vector<std::string>& inputs, const std::string& output) {
  onnx::NodeProto* node = model.mutable_graph()->add_node();
  node->set_op_type(operation);
  node->set_domain(domain);
  node->set_name(operation + "_" + output);
  for (const std::string& input : inputs) node->add_input(input);
  node->add_output(output);
  return node;
}

Flow ModelBuilder::input(int height, int width, float scale, int zero_point, int channels) {
  describe(model.mutable_graph()->add_input(), "image", {1, channels, height, width});
  Flow to{fresh("flow"), {1, channels, height, width}, scale, zero_point};
  node("QuantizeLinear", "", {"image", floats({scale}), int8({zero_point}, {})}, to.name);
  return to;
}

Flow ModelBuilder::convolution(const Flow& from, const ConvolutionShape& shape) {
  const std::int64_t in = from.shape[1] / shape.groups;
  const std::int64_t fan_in = in * shape.kernel * shape.kernel;
  const auto out = static_cast<std::size_t>(shape.out);
  std::vector<float> scales(shape.per_channel ? out : 1);
  for (float& scale : scales) scale = 0.01F * (1.0F + static_cast<float>(random_() % 100) / 100.0F);
  const std::vector<std::int64_t> dims = {shape.out, in, shape.kernel, shape.kernel};
  const std::vector<int> zeros(scales.size(), 0);
  Flow to{fresh("flow"),
          {1, shape.out, 0, 0},
          from.scale * 0.015F * std::sqrt(static_cast<float>(fan_in)) * 73.0F,
          static_cast<int>(random_() % 21) - 10};
  for (std::size_t i = 0; i < 2; ++i)
    to.shape[2 + i] =
        (from.shape[2 + i] + shape.pads[i] + shape.pads[2 + i] - (shape.kernel - 1) * shape.dilation - 1) /
            shape.stride +
        1;
  onnx::NodeProto* made = node(
      "QLinearConv", "",
      {from.name, floats({from.scale}), int8({from.zero_point}, {}),
       int8(draw(static_cast<std::size_t>(product(dims)), 127), dims), floats(scales, !shape.per_channel),
       int8(zeros, shape.per_channel ? std::vector<std::int64_t>{shape.out} : std::vector<std::int64_t>{}),
       floats({to.scale}), int8({to.zero_point}, {}), int32(draw(out, 3000))},
      to.name);
  set(made, "group", shape.groups);
  set(made, "pads", shape.pads);
  set(made, "strides", {shape.stride, shape.stride});
  set(made, "dilations", {shape.dilation, shape.dilation});
  set(made, "kernel_shape", {shape.kernel, shape.kernel});
  return to;
}

Flow ModelBuilder::add(const Flow& first, const Flow& second) {
  Flow to{fresh("flow"), first.shape, 1.4F * std::max(first.scale, second.scale), 3};
  node("QLinearAdd", microsoft,
       {first.name, floats({first.scale}), int8({first.zero_point}, {}), second.name, floats({second.scale}),
        int8({second.zero_point}, {}), floats({to.scale}), int8({to.zero_point}, {})},
       to.name);
  return to;
}

Flow ModelBuilder::mean(const Flow& from) {
  Flow to{fresh("flow"), {1, from.shape[1], 1, 1}, from.scale * 0.5F, -4};
  onnx::NodeProto* made = node("QLinearGlobalAveragePool", microsoft,
                               {from.name, floats({from.scale}), int8({from.zero_point}, {}),
                                floats({to.scale}), int8({to.zero_point}, {})},
                               to.name);
  set(made, "channels_last", 0);
  return to;
}

Flow ModelBuilder::flatten(const Flow& from) {
  Flow to{fresh("flow"), {1, from.shape[1]}, from.scale, from.zero_point};
  set(node("Flatten", "", {from.name}, to.name), "axis", 1);
  return to;
}

Flow ModelBuilder::reshape(const Flow& from, const std::vector<std::int64_t>& to_shape) {
  Flow to{fresh("flow"), {1, from.shape[1]}, from.scale, from.zero_point};
  node("Reshape", "", {from.name, int64(to_shape)}, to.name);
  return to;
}

Flow ModelBuilder::matrix_product(const Flow& from, int out) {
  const std::int64_t in = from.shape[1];
  Flow to{fresh("flow"), {1, out}, from.scale * 0.01F * std::sqrt(static_cast<float>(in)) * 73.0F, 1};
  node("QLinearMatMul", "",
       {from.name, floats({from.scale}), int8({from.zero_point}, {}),
        int8(draw(static_cast<std::size_t>(in * out), 127), {in, out}), floats({0.01F}), int8({0}, {}),
        floats({to.scale}), int8({to.zero_point}, {})},
       to.name);
  return to;
}

Flow ModelBuilder::add_row(const Flow& from) {
  Flow to{fresh("flow"), from.shape, 1.2F * from.scale, -2};
  const auto out = static_cast<std::size_t>(from.shape[1]);
  node("QLinearAdd", microsoft,
       {from.name, floats({from.scale}), int8({from.zero_point}, {}), int8(draw(out, 100), {from.shape[1]}),
        floats({from.scale}), int8({5}, {}), floats({to.scale}), int8({to.zero_point}, {})},
       to.name);
  return to;
}

Flow ModelBuilder::gemm(const Flow& from, const std::vector<int>& weights, float weights_scale,
                        const std::vector<int>& bias, float scale, int zero_point, bool transposed) {
  const auto out = static_cast<std::int64_t>(bias.size());
  const std::int64_t in = from.shape[1];
  Flow to{fresh("flow"), {1, out}, scale, zero_point};
  onnx::NodeProto* made =
      node("QGemm", microsoft,
           {from.name, floats({from.scale}), int8({from.zero_point}, {}),
            int8(weights, transposed ? std::vector{out, in} : std::vector{in, out}), floats({weights_scale}),
            int8({0}, {}), int32(bias), floats({scale}), int8({zero_point}, {})},
           to.name);
  set(made, "transB", transposed ? 1 : 0);
  return to;
}

void ModelBuilder::output(const Flow& from) {
  node("DequantizeLinear", "", {from.name, floats({from.scale}), int8({from.zero_point}, {})}, "logits");
  describe(model.mutable_graph()->add_output(), "logits", from.shape);
}

onnx::ModelProto brightness_model(float threshold, int side) {
  constexpr float input_scale = 1.0F / 127.0F;  // white is 127
  ModelBuilder builder;
  const Flow picture = builder.input(side, side, input_scale, 0);
  Flow mean{"mean", {1, 1, 1, 1}, input_scale, 0};
  builder.node("QLinearGlobalAveragePool", microsoft,
               {picture.name, builder.floats({input_scale}), builder.int8({0}, {}),
                builder.floats({input_scale}), builder.int8({0}, {})},
               mean.name);
  const Flow flat = builder.reshape(mean, {-1, 1});
  // Of the mean m: NG gets threshold - m, OK gets m - threshold, in steps of 1 / 100.
  const int bias = static_cast<int>(std::lround(threshold * 127.0F * 64.0F));
  builder.output(builder.gemm(flat, {-64, 64}, 1.0F / 64.0F, {bias, -bias}, 0.01F, 0, true));
  return builder.model;
}

onnx::ModelProto model_of_all_operators() {
  ModelBuilder builder;
  Flow flow = builder.input(96, 96, 1.0F / 255.0F, -128);
  flow = builder.convolution(flow, {.out = 8, .kernel = 3, .pads = {1, 1, 1, 1}, .stride = 2});
  const Flow before = flow;
  flow = builder.convolution(flow, {.out = 8, .kernel = 3, .groups = 8, .pads = {1, 1, 1, 1}});
  flow = builder.convolution(flow, {.out = 8, .per_channel = false});
  flow = builder.add(flow, before);
  flow = builder.convolution(flow, {.out = 12, .kernel = 3, .groups = 2, .pads = {0, 1, 2, 1}, .stride = 2});
  flow =
      builder.convolution(flow, {.out = 24, .kernel = 3, .groups = 12, .pads = {2, 2, 2, 2}, .dilation = 2});
  flow = builder.convolution(
      flow, {.out = 24, .kernel = 5, .groups = 24, .pads = {2, 2, 2, 2}, .stride = 2, .per_channel = false});
  flow = builder.mean(flow);
  flow = builder.flatten(flow);
  flow = builder.matrix_product(flow, 6);
  flow = builder.add_row(flow);
  std::vector<int> weights;
  for (int i = 0; i < 12; ++i) weights.push_back(40 * (i % 5) - 80);
  builder.output(builder.gemm(flow, weights, 0.02F, {500, -500}, flow.scale * 0.02F * 200, 2, false));
  return builder.model;
}

std::string bytes_of(const onnx::ModelProto& model) { return model.SerializeAsString(); }

}  // namespace loopgate::inspection
