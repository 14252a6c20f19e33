#include "formats/onnx_node.h"

#include <algorithm>
#include <cmath>

namespace loopgate::inspection {

namespace {

// ONNX's numbers of its data types.
constexpr std::int64_t onnx_uint8 = 2, onnx_int8 = 3;

}  // namespace

bool NodeReader::has(std::size_t index) const {
  return index < node_.inputs.size() && !node_.inputs[index].empty();
}

bool NodeReader::is_constant(std::size_t index) const {
  return has(index) && file_.constants.contains(node_.inputs[index]);
}

const std::string& NodeReader::input(std::size_t index) const {
  if (!has(index)) refuse("its input number " + std::to_string(index + 1) + " is missing");
  return node_.inputs[index];
}

const std::string& NodeReader::output() const {
  static const std::string nameless = "?";
  return node_.outputs.empty() ? nameless : node_.outputs.front();
}

const OnnxTensor& NodeReader::constant(std::size_t index) const {
  const auto found = file_.constants.find(input(index));
  if (found == file_.constants.end()) refuse("tensor \"" + input(index) + "\" is not constant");
  return found->second;
}

const OnnxTensor& NodeReader::constant(std::size_t index, TensorType type) const {
  const OnnxTensor& found = constant(index);
  if (found.type != type)
    refuse("tensor \"" + input(index) + "\" is " + name_of(found.type) + ", not " + name_of(type));
  return found;
}

float NodeReader::scale(std::size_t index) const {
  const OnnxTensor& tensor = constant(index, TensorType::float32);
  if (tensor.floats.size() != 1) refuse("scale \"" + tensor.name + "\" is not one value");
  return checked_scale(tensor.floats[0], tensor.name);
}

std::vector<float> NodeReader::scales(std::size_t index, std::size_t channels) const {
  const OnnxTensor& tensor = constant(index, TensorType::float32);
  if (tensor.floats.size() != 1 && tensor.floats.size() != channels)
    refuse("scale \"" + tensor.name + "\" has " + std::to_string(tensor.floats.size()) + " values for " +
           std::to_string(channels) + " channels");
  for (const float value : tensor.floats) checked_scale(value, tensor.name);
  return tensor.floats;
}

float NodeReader::checked_scale(float value, const std::string& name) const {
  if (!std::isnormal(value) || value < 0) refuse("scale \"" + name + "\" is not above 0");
  return value;
}

// Without a zero point QuantizeLinear makes uint8, unless its attribute says another type.
TensorType NodeReader::type_of_quantised(std::size_t index) const {
  const std::int64_t said = integer("output_dtype", 0);
  if (said != 0 && said != onnx_int8 && said != onnx_uint8)
    refuse("attribute output_dtype is " + std::to_string(said) + ", neither int8 (3) nor uint8 (2)");
  if (!has(index)) return said == onnx_int8 ? TensorType::int8 : TensorType::uint8;
  const TensorType type = constant(index).type;
  if (said != 0 && type != (said == onnx_int8 ? TensorType::int8 : TensorType::uint8))
    refuse("attribute output_dtype is " + std::to_string(said) + ", but its zero point is " + name_of(type));
  return type;
}

int NodeReader::zero_point(std::size_t index, TensorType type) const {
  if (!has(index)) return type == TensorType::uint8 ? -128 : 0;
  const std::vector<std::int8_t>& values = int8(index);
  if (values.size() != 1) refuse("zero point \"" + input(index) + "\" is not one value");
  return values[0];
}

const std::vector<std::int8_t>& NodeReader::int8(std::size_t index) const {
  const OnnxTensor& tensor = constant(index);
  if (tensor.type != TensorType::int8 && tensor.type != TensorType::uint8)
    refuse("tensor \"" + tensor.name + "\" is " + name_of(tensor.type) + ", not int8 or uint8");
  return tensor.bytes;
}

void NodeReader::all_zero(std::size_t index, TensorType type) const {
  if (!has(index) && type == TensorType::uint8)
    refuse("its weights are uint8 without a zero point, which is then 0: quantise the weights symmetrically");
  if (!has(index)) return;
  if (std::ranges::any_of(int8(index), [](std::int8_t value) { return value != 0; }))
    refuse("zero point \"" + input(index) + "\" of weights is not 0: quantise the weights symmetrically");
}

void NodeReader::zero(std::size_t index, int zero_point) const {
  const OnnxTensor& tensor = constant(index);
  const bool is_real = tensor.type == TensorType::float32;
  const bool zero = is_real ? tensor.floats == std::vector<float>{0}
                            : int8(index) == std::vector{static_cast<std::int8_t>(zero_point)};
  if (!zero) refuse("\"" + tensor.name + "\" is not 0");
}

std::int64_t NodeReader::integer(const char* name, std::int64_t otherwise) const {
  const auto found = node_.integers.find(name);
  if (found == node_.integers.end()) return otherwise;
  if (found->second.size() != 1) refuse(std::string("attribute ") + name + " is not one number");
  return found->second[0];
}

std::vector<std::int64_t> NodeReader::list(const char* name) const {
  const auto found = node_.integers.find(name);
  return found == node_.integers.end() ? std::vector<std::int64_t>() : found->second;
}

float NodeReader::number(const char* name, float otherwise) const {
  const auto found = node_.floats.find(name);
  return found == node_.floats.end() ? otherwise : found->second;
}

std::vector<std::uint32_t> NodeReader::integers(const char* name, std::size_t count, std::int64_t least,
                                                std::uint32_t otherwise) const {
  const auto found = node_.integers.find(name);
  if (found == node_.integers.end()) return std::vector<std::uint32_t>(count, otherwise);
  const auto beyond = [least](std::int64_t value) { return value < least || value > 1024; };
  if (found->second.size() != count || std::ranges::any_of(found->second, beyond))
    refuse(std::string("attribute ") + name + " is not " + std::to_string(count) + " fitting numbers");
  return {found->second.begin(), found->second.end()};
}

void NodeReader::only(const char* name, std::int64_t value) const {
  if (const std::int64_t its = integer(name, value); its != value)
    refuse(std::string("attribute ") + name + " is " + std::to_string(its) + ", which is not supported");
}

void NodeReader::only(const char* name, const std::string& value) const {
  const auto found = node_.texts.find(name);
  if (found != node_.texts.end() && found->second != value)
    refuse(std::string("attribute ") + name + " is " + found->second + ", which is not supported");
}

void NodeReader::only(const char* name, float value) const {
  const auto found = node_.floats.find(name);
  if (found != node_.floats.end() && found->second != value)
    refuse(std::string("attribute ") + name + " is " + std::to_string(found->second) +
           ", which is not supported");
}

}  // namespace loopgate::inspection
