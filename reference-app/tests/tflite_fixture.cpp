#include "tests/tflite_fixture.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>

namespace loopgate::inspection {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using tflite::field;
using tflite::OptionsType;
using tflite::Type;

namespace {

// Numbers of the schema's operators.
constexpr int add_code = 0, average_pool = 1, convolution_code = 3, depthwise_code = 4, dense_code = 9,
              logistic = 14, max_pool = 17, multiply = 18, relu6 = 21, reshape_code = 22, softmax_code = 25,
              pad_code = 34, transpose_code = 39, mean_code = 40, quantize = 114, hard_swish = 117;

template <class Value>
Offset<void> vector_of(FlatBufferBuilder* builder, const std::vector<Value>& values) {
  return Offset<void>(builder->CreateVector(values).o);
}

// A table of offsets and numbers, which come in the schema's order.
class TableWriter {
 public:
  explicit TableWriter(FlatBufferBuilder* builder) : builder_(builder), start_(builder->StartTable()) {}

  template <class Value>
  TableWriter& put(flatbuffers::voffset_t index, Value value) {
    builder_->AddElement(field(index), value);
    return *this;
  }
  TableWriter& put(flatbuffers::voffset_t index, Offset<void> offset) {
    builder_->AddOffset(field(index), offset);
    return *this;
  }
  Offset<void> end() { return Offset<void>(builder_->EndTable(start_)); }

 private:
  FlatBufferBuilder* builder_;
  flatbuffers::uoffset_t start_;
};

Offset<void> tables(FlatBufferBuilder* builder, const std::vector<Offset<void>>& all) {
  return Offset<void>(builder->CreateVector(all).o);
}

Offset<void> quantisation(FlatBufferBuilder* builder, const TfliteTensor& tensor) {
  const Offset<void> scales = vector_of(builder, tensor.scales);
  const Offset<void> zero_points = vector_of(builder, tensor.zero_points);
  return TableWriter(builder).put(2, scales).put(3, zero_points).put(6, tensor.axis).end();
}

Offset<void> tensor_table(FlatBufferBuilder* builder, const TfliteTensor& tensor, std::uint32_t buffer) {
  const Offset<void> shape = vector_of(builder, tensor.shape);
  const Offset<void> name(builder->CreateString(tensor.name).o);
  const Offset<void> scale = quantisation(builder, tensor);
  const Offset<void> open = vector_of(builder, tensor.open_shape);
  TableWriter table(builder);
  table.put(0, shape).put(1, static_cast<std::int8_t>(tensor.type)).put(2, buffer).put(3, name).put(4, scale);
  if (!tensor.open_shape.empty()) table.put(7, open);
  return table.end();
}

Offset<void> options_table(FlatBufferBuilder* builder, const TfliteOptions& options) {
  TableWriter table(builder);
  flatbuffers::voffset_t index = 0;
  for (const TfliteField& each : options.fields) {
    if (each.width == 1)
      table.put(index++, static_cast<std::int8_t>(each.value));
    else
      table.put(index++, each.value);
  }
  return table.end();
}

Offset<void> operator_table(FlatBufferBuilder* builder, const TfliteOperator& from, std::uint32_t code) {
  const Offset<void> inputs = vector_of(builder, from.inputs);
  const Offset<void> outputs = vector_of(builder, from.outputs);
  const Offset<void> options = options_table(builder, from.options);
  TableWriter table(builder);
  table.put(0, code).put(1, inputs).put(2, outputs);
  if (from.options.type != OptionsType::none)
    table.put(3, static_cast<std::uint8_t>(from.options.type)).put(4, options);
  return table.end();
}

Offset<void> code_table(FlatBufferBuilder* builder, const TfliteOperator& from) {
  const Offset<void> custom(builder->CreateString(from.custom).o);
  TableWriter table(builder);
  table.put(0, static_cast<std::int8_t>(std::min(from.code, 127)));
  if (!from.custom.empty()) table.put(1, custom);
  return table.put(3, from.code).end();
}

Offset<void> buffer_table(FlatBufferBuilder* builder, const std::string& data) {
  builder->ForceVectorAlignment(data.size(), 1, 16);
  const Offset<void> bytes(
      builder->CreateVector(reinterpret_cast<const std::uint8_t*>(data.data()), data.size()).o);
  return TableWriter(builder).put(0, bytes).end();
}

std::string bytes_of(const std::vector<std::int32_t>& values) {
  std::string bytes(values.size() * 4, '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::int32_t product(const std::vector<std::int32_t>& values) {
  return std::accumulate(values.begin(), values.end(), 1, std::multiplies<>());
}

}  // namespace

std::string bytes_of(const TfliteModel& model) {
  FlatBufferBuilder builder;
  std::vector<Offset<void>> buffers = {buffer_table(&builder, "")}, all, operators, codes, graphs;
  for (const TfliteTensor& tensor : model.tensors) {
    if (!tensor.data.empty()) buffers.push_back(buffer_table(&builder, tensor.data));
    all.push_back(tensor_table(&builder, tensor,
                               tensor.data.empty() ? 0 : static_cast<std::uint32_t>(buffers.size() - 1)));
  }
  for (const TfliteOperator& each : model.operators) {
    operators.push_back(operator_table(&builder, each, static_cast<std::uint32_t>(codes.size())));
    codes.push_back(code_table(&builder, each));
  }
  for (int i = 0; i < model.subgraphs; ++i) {
    const Offset<void> tensors = tables(&builder, all), inputs = vector_of(&builder, model.inputs),
                       outputs = vector_of(&builder, model.outputs), list = tables(&builder, operators);
    graphs.push_back(TableWriter(&builder).put(0, tensors).put(1, inputs).put(2, outputs).put(3, list).end());
  }
  const Offset<void> code_list = tables(&builder, codes), graph_list = tables(&builder, graphs),
                     buffer_list = tables(&builder, buffers);
  const Offset<void> root = TableWriter(&builder)
                                .put(0, model.version)
                                .put(1, code_list)
                                .put(2, graph_list)
                                .put(4, buffer_list)
                                .end();
  builder.Finish(root, tflite::Model::identifier);
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

int TfliteBuilder::tensor(TfliteTensor tensor) {
  model.tensors.push_back(std::move(tensor));
  return static_cast<int>(model.tensors.size()) - 1;
}

int TfliteBuilder::activation(const std::vector<std::int32_t>& shape, float scale, int zero_point) {
  return tensor({"flow" + std::to_string(model.tensors.size()), shape, Type::int8, {scale}, {zero_point}});
}

int TfliteBuilder::integers(const std::vector<std::int32_t>& values, const std::vector<std::int32_t>& shape) {
  TfliteTensor made{"integers" + std::to_string(model.tensors.size()), shape, Type::int32};
  made.data = bytes_of(values);
  return tensor(std::move(made));
}

std::string TfliteBuilder::draw(std::size_t count, int limit) {
  std::string values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(
        static_cast<char>(static_cast<int>(random_() % static_cast<unsigned>(2 * limit + 1)) - limit));
  return values;
}

int TfliteBuilder::weights(const std::vector<std::int32_t>& shape, int axis) {
  TfliteTensor made{"weights" + std::to_string(model.tensors.size()), shape};
  for (int i = 0; i < shape[static_cast<std::size_t>(axis)]; ++i) {
    made.scales.push_back(0.01F * (1.0F + static_cast<float>(random_() % 100) / 100.0F));
    made.zero_points.push_back(0);
  }
  made.axis = axis;
  made.data = draw(static_cast<std::size_t>(product(shape)), 127);
  return tensor(std::move(made));
}

int TfliteBuilder::bias(int out) {
  std::vector<std::int32_t> values;
  for (int i = 0; i < out; ++i) values.push_back(static_cast<int>(random_() % 6001U) - 3000);
  return integers(values, {out});
}

int TfliteBuilder::apply(int code, const std::vector<std::int32_t>& inputs, int output,
                         const TfliteOptions& options) {
  model.operators.push_back({code, inputs, {output}, options});
  return output;
}

int TfliteBuilder::input(const std::vector<std::int32_t>& shape, float scale, int zero_point) {
  model.inputs = {activation(shape, scale, zero_point)};
  return model.inputs[0];
}

namespace {

std::int32_t length_after(std::int32_t length, int kernel, int stride, bool same) {
  return same ? (length + stride - 1) / stride : (length - kernel) / stride + 1;
}

}  // namespace

int TfliteBuilder::convolution(int from, int out, int kernel, int stride, bool same, int function) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  const int filter = weights({out, kernel, kernel, in.shape[3]}, 0);
  const float spread = std::sqrt(static_cast<float>(kernel * kernel * in.shape[3]));
  const int to = activation({in.shape[0], length_after(in.shape[1], kernel, stride, same),
                             length_after(in.shape[2], kernel, stride, same), out},
                            in.scales[0] * 0.015F * spread * 73.0F, 3);
  return apply(convolution_code, {from, filter, bias(out)}, to,
               {OptionsType::convolution, {{1, same ? 0 : 1}, {4, stride}, {4, stride}, {1, function}}});
}

int TfliteBuilder::depthwise(int from, int kernel, int stride, bool same, int function) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  const int filter = weights({1, kernel, kernel, in.shape[3]}, 3);
  const int to = activation({in.shape[0], length_after(in.shape[1], kernel, stride, same),
                             length_after(in.shape[2], kernel, stride, same), in.shape[3]},
                            in.scales[0] * 0.015F * static_cast<float>(kernel) * 73.0F, -5);
  return apply(depthwise_code, {from, filter, bias(in.shape[3])}, to,
               {OptionsType::depthwise_convolution,
                {{1, same ? 0 : 1}, {4, stride}, {4, stride}, {4, 1}, {1, function}}});
}

int TfliteBuilder::dense(int from, int out) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  TfliteTensor filter{"weights", {out, product(in.shape)}, Type::int8, {0.01F}, {0}};
  filter.data = draw(static_cast<std::size_t>(out * product(in.shape)), 127);
  const int to = activation(
      {1, out}, in.scales[0] * 0.01F * std::sqrt(static_cast<float>(product(in.shape))) * 73.0F, 4);
  const int values = tensor(std::move(filter));
  return apply(dense_code, {from, values, bias(out)}, to, {OptionsType::fully_connected, {{1, 0}}});
}

int TfliteBuilder::pool(int code, int from, int size, int stride, bool same) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  const int to = activation({in.shape[0], length_after(in.shape[1], size, stride, same),
                             length_after(in.shape[2], size, stride, same), in.shape[3]},
                            in.scales[0], static_cast<int>(in.zero_points[0]));
  return apply(
      code, {from}, to,
      {OptionsType::pool, {{1, same ? 0 : 1}, {4, stride}, {4, stride}, {4, size}, {4, size}, {1, 0}}});
}

int TfliteBuilder::binary(int code, int first, int second, int function) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(first)];
  const float other = model.tensors[static_cast<std::size_t>(second)].scales[0];
  const float scale = code == multiply ? in.scales[0] * other * 60 : 1.4F * std::max(in.scales[0], other);
  return apply(code, {first, second}, activation(in.shape, scale, 2),
               {code == multiply ? OptionsType::multiply : OptionsType::add, {{1, function}}});
}

int TfliteBuilder::unary(int code, int from, float scale, int zero_point) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  return apply(code, {from}, activation(in.shape, scale, zero_point));
}

int TfliteBuilder::pad(int from, const std::vector<std::int32_t>& pads) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  std::vector<std::int32_t> shape = in.shape;
  for (std::size_t i = 0; i < shape.size(); ++i) shape[i] += pads[2 * i] + pads[2 * i + 1];
  const int values = integers(pads, {static_cast<std::int32_t>(shape.size()), 2});
  return apply(pad_code, {from, values},
               activation(shape, in.scales[0], static_cast<int>(in.zero_points[0])));
}

int TfliteBuilder::transpose(int from, const std::vector<std::int32_t>& order) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  std::vector<std::int32_t> shape;
  for (const std::int32_t axis : order) shape.push_back(in.shape[static_cast<std::size_t>(axis)]);
  const int values = integers(order, {static_cast<std::int32_t>(order.size())});
  return apply(transpose_code, {from, values},
               activation(shape, in.scales[0], static_cast<int>(in.zero_points[0])));
}

int TfliteBuilder::mean(int from, const std::vector<std::int32_t>& axes, bool keep) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  std::vector<std::int32_t> shape;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(in.shape.size()); ++i) {
    const bool gone = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!gone || keep) shape.push_back(gone ? 1 : in.shape[static_cast<std::size_t>(i)]);
  }
  const int values = integers(axes, {static_cast<std::int32_t>(axes.size())});
  return apply(mean_code, {from, values}, activation(shape, in.scales[0] * 0.6F, -3),
               {OptionsType::reducer, {{1, keep ? 1 : 0}}});
}

int TfliteBuilder::reshape(int from, const std::vector<std::int32_t>& shape) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  return apply(reshape_code, {from}, activation(shape, in.scales[0], static_cast<int>(in.zero_points[0])));
}

int TfliteBuilder::softmax(int from) {
  const TfliteTensor in = model.tensors[static_cast<std::size_t>(from)];
  std::int32_t one = 0;
  constexpr float beta = 1;
  std::memcpy(&one, &beta, sizeof(one));
  return apply(softmax_code, {from}, activation(in.shape, 1.0F / 256, -128),
               {OptionsType::softmax, {{4, one}}});
}

int TfliteBuilder::row(int count, float scale) {
  TfliteTensor made{"row", {count}, Type::int8, {scale}, {1}};
  made.data = draw(static_cast<std::size_t>(count), 100);
  return tensor(std::move(made));
}

TfliteModel tflite_model_of_all_operators() {
  TfliteBuilder builder;
  int flow = builder.input({1, 3, 20, 24}, 1.0F / 128, -1);  // planes of channels
  flow = builder.transpose(flow, {0, 2, 3, 1});
  flow = builder.convolution(flow, 8, 3, 2, true, 1);
  const int before = flow;
  flow = builder.depthwise(flow, 3, 1, true, 3);
  flow = builder.pad(flow, {0, 0, 1, 0, 0, 1, 0, 0});
  flow = builder.convolution(flow, 8, 2, 1, false);
  flow = builder.binary(add_code, flow, before);
  flow = builder.unary(hard_swish, flow, 0.02F, -100);
  flow = builder.pool(max_pool, flow, 3, 2, true);
  flow = builder.pool(average_pool, flow, 2, 1, true);
  const int squeezed = builder.unary(logistic, builder.mean(flow, {1, 2}, true), 1.0F / 256, -128);
  flow = builder.binary(multiply, flow, squeezed);
  flow = builder.unary(relu6, flow, 0.01F, -128);
  flow = builder.unary(quantize, flow, 0.013F, -60);
  flow = builder.mean(flow, {2}, false);
  flow = builder.reshape(flow, {1, 40});
  flow = builder.dense(flow, 6);
  flow = builder.binary(add_code, flow, builder.row(6, 0.05F));
  builder.output(builder.softmax(flow));
  return builder.model;
}

}  // namespace loopgate::inspection
