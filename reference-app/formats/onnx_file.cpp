#include "formats/onnx_file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include "onnx.pb.h"

namespace loopgate::inspection {

static_assert(std::endian::native == std::endian::little, "ONNX's raw tensors are little-endian");

namespace {

constexpr int most_dimensions = 8;
// Graphs nested in attributes are refused, not followed.
constexpr int deepest_message = 32;

tl::unexpected<Error> refuse(const std::string& file, const std::string& why) {
  return fail(exit_model, file + ": " + why);
}

std::optional<TensorType> type_of(std::int32_t type) {
  switch (type) {
    case onnx::TensorProto::FLOAT:
      return TensorType::float32;
    case onnx::TensorProto::INT8:
      return TensorType::int8;
    case onnx::TensorProto::UINT8:
      return TensorType::uint8;
    case onnx::TensorProto::INT32:
      return TensorType::int32;
    case onnx::TensorProto::INT64:
      return TensorType::int64;
    default:
      return {};
  }
}

// The number of values; empty if no tensor in a file of this size can have such dimensions.
std::optional<std::size_t> values_in(const onnx::TensorProto& tensor) {
  if (tensor.dims_size() > most_dimensions) return {};
  std::size_t count = 1;
  for (const std::int64_t dim : tensor.dims()) {
    if (dim < 0 || static_cast<std::uint64_t>(dim) > largest_model_bytes) return {};
    count *= static_cast<std::size_t>(dim);
    if (count > largest_model_bytes) return {};
  }
  return count;
}

template <class Stored, class Value>
bool read_raw(const std::string& raw, std::size_t count, std::vector<Value>* values) {
  if (raw.size() != count * sizeof(Stored)) return false;
  values->reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Stored value;
    std::memcpy(&value, raw.data() + i * sizeof(Stored), sizeof(Stored));
    values->push_back(static_cast<Value>(value));
  }
  return true;
}

template <class Field, class Value>
bool read_field(const Field& field, std::size_t count, std::vector<Value>* values) {
  if (static_cast<std::size_t>(field.size()) != count) return false;
  values->assign(field.begin(), field.end());
  return true;
}

// Of int8, and of uint8 less 128: models are large, so they are never widened.
bool read_bytes(const onnx::TensorProto& from, std::size_t count, OnnxTensor* to) {
  const bool is_signed = to->type == TensorType::int8;
  const int shift = is_signed ? 0 : 128, least = is_signed ? -128 : 0;
  if (!from.has_raw_data()) {
    const auto& field = from.int32_data();
    if (static_cast<std::size_t>(field.size()) != count ||
        std::ranges::any_of(field,
                            [least](std::int32_t value) { return value < least || value > least + 255; }))
      return false;
    to->bytes.reserve(count);
    for (const std::int32_t value : field) to->bytes.push_back(static_cast<std::int8_t>(value - shift));
    return true;
  }
  if (from.raw_data().size() != count) return false;
  to->bytes.assign(from.raw_data().begin(), from.raw_data().end());
  if (!is_signed)
    for (std::int8_t& value : to->bytes)
      value = static_cast<std::int8_t>(static_cast<std::uint8_t>(value) - 128);
  return true;
}

// False when the number of values does not match the dimensions, or one does not fit its type: those of small
// types may be stored in 32 bits.
bool read_values(const onnx::TensorProto& from, std::size_t count, OnnxTensor* to) {
  const bool raw = from.has_raw_data();
  switch (to->type) {
    case TensorType::float32:
      return raw ? read_raw<float>(from.raw_data(), count, &to->floats)
                 : read_field(from.float_data(), count, &to->floats);
    case TensorType::int8:
    case TensorType::uint8:
      return read_bytes(from, count, to);
    case TensorType::int32:
      return raw ? read_raw<std::int32_t>(from.raw_data(), count, &to->integers)
                 : read_field(from.int32_data(), count, &to->integers);
    case TensorType::int64:
      return raw ? read_raw<std::int64_t>(from.raw_data(), count, &to->integers)
                 : read_field(from.int64_data(), count, &to->integers);
  }
  return false;
}

Result<OnnxTensor> read_tensor(const onnx::TensorProto& from, const std::string& file) {
  const std::string called = "tensor \"" + from.name() + "\"";
  const std::optional<TensorType> type = type_of(from.data_type());
  if (!type)
    return refuse(file, called + " has ONNX's data type " + std::to_string(from.data_type()) +
                            ", which is not supported");
  if (from.data_location() == onnx::TensorProto::EXTERNAL)
    return refuse(file, called + " is stored in another file; save the model as one file");
  const std::optional<std::size_t> count = values_in(from);
  if (!count) return refuse(file, called + " has impossible dimensions");
  OnnxTensor to{from.name(), *type, {from.dims().begin(), from.dims().end()}, {}, {}, {}};
  if (!read_values(from, *count, &to))
    return refuse(file, called + ": its values do not match its dimensions and type");
  return to;
}

// Ignores attributes of other kinds; a reader of the node that needs one finds it missing.
void read_attribute(const onnx::AttributeProto& from, OnnxNode* to) {
  switch (from.type()) {
    case onnx::AttributeProto::INT:
      to->integers[from.name()] = {from.i()};
      break;
    case onnx::AttributeProto::INTS:
      to->integers[from.name()] = {from.ints().begin(), from.ints().end()};
      break;
    case onnx::AttributeProto::FLOAT:
      to->floats[from.name()] = from.f();
      break;
    case onnx::AttributeProto::STRING:
      to->texts[from.name()] = from.s();
      break;
    default:
      break;
  }
}

OnnxNode read_node(const onnx::NodeProto& from) {
  OnnxNode to;
  const bool own = from.domain().empty() || from.domain() == "ai.onnx";
  to.operation = own ? from.op_type() : from.domain() + "." + from.op_type();
  to.inputs = {from.input().begin(), from.input().end()};
  to.outputs = {from.output().begin(), from.output().end()};
  for (const onnx::AttributeProto& attribute : from.attribute()) read_attribute(attribute, &to);
  return to;
}

// The value of an operator Constant, as PyTorch writes them; null for other operators.
const onnx::TensorProto* constant_of(const onnx::NodeProto& node) {
  if (node.op_type() != "Constant" || node.output_size() != 1) return nullptr;
  for (const onnx::AttributeProto& attribute : node.attribute())
    if (attribute.name() == "value" && attribute.has_t()) return &attribute.t();
  return nullptr;
}

OnnxValue read_value(const onnx::ValueInfoProto& from) {
  const onnx::TypeProto::Tensor& type = from.type().tensor_type();
  OnnxValue to{from.name(), type.elem_type() == onnx::TensorProto::FLOAT, {}};
  for (const auto& dim : type.shape().dim()) to.dims.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
  return to;
}

// Protobuf parses many foreign files as messages of unknown fields, so the fields of a model are required.
bool looks_like_a_model(const onnx::ModelProto& model) {
  return model.has_ir_version() && model.opset_import_size() > 0 && model.has_graph() &&
         model.graph().node_size() > 0;
}

Status read_graph(const onnx::GraphProto& graph, const std::string& file, OnnxFile* to) {
  if (static_cast<std::size_t>(graph.node_size()) > most_operators)
    return refuse(file, std::to_string(graph.node_size()) + " operators, more than the limit of " +
                            std::to_string(most_operators));
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    Result<OnnxTensor> read = read_tensor(tensor, file);
    if (!read) return tl::unexpected(std::move(read.error()));
    to->constants.insert_or_assign(tensor.name(), std::move(*read));
  }
  for (const onnx::NodeProto& node : graph.node()) {
    if (const onnx::TensorProto* value = constant_of(node)) {
      Result<OnnxTensor> read = read_tensor(*value, file);
      if (!read) return tl::unexpected(std::move(read.error()));
      to->constants.insert_or_assign(node.output(0), std::move(*read));
    } else {
      to->nodes.push_back(read_node(node));
    }
  }
  // Older files list the constants among the inputs, too.
  for (const onnx::ValueInfoProto& value : graph.input())
    if (!to->constants.contains(value.name())) to->inputs.push_back(read_value(value));
  for (const onnx::ValueInfoProto& value : graph.output()) to->outputs.push_back(read_value(value));
  return {};
}

}  // namespace

const char* name_of(TensorType type) {
  switch (type) {
    case TensorType::float32:
      return "float";
    case TensorType::int8:
      return "int8";
    case TensorType::uint8:
      return "uint8";
    case TensorType::int32:
      return "int32";
    case TensorType::int64:
      return "int64";
  }
  return "";
}

Result<OnnxFile> parse_onnx(std::string_view bytes, const std::string& name) {
  if (bytes.empty()) return refuse(name, "empty file");
  if (bytes.size() > largest_model_bytes)
    return refuse(name, std::to_string(bytes.size()) + " bytes, more than the limit of " +
                            std::to_string(largest_model_bytes));
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedInputStream input(&stream);
  input.SetRecursionLimit(deepest_message);
  onnx::ModelProto model;
  // Partial: foreign files are recognised below, without protobuf's own messages on the terminal.
  if (!model.ParsePartialFromCodedStream(&input) || !input.ConsumedEntireMessage())
    return refuse(name, "not an ONNX model, or truncated");
  if (!looks_like_a_model(model)) return refuse(name, "not an ONNX model");
  OnnxFile file;
  file.bytes = bytes.size();
  for (const auto& entry : model.metadata_props()) file.metadata[entry.key()] = entry.value();
  if (Status read = read_graph(model.graph(), name, &file); !read) return tl::unexpected(read.error());
  return file;
}

}  // namespace loopgate::inspection
