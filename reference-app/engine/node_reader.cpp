#include "engine/node_reader.h"

#include <algorithm>
#include <cmath>

namespace loopgate::inspection {

std::string shape_text(const std::vector<std::int64_t>& dims) {
  std::string text;
  for (const std::int64_t dim : dims)
    text += (text.empty() ? "" : "x") + (dim < 0 ? "?" : std::to_string(dim));
  return text.empty() ? "a single value" : text;
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  return shape_text(std::vector<std::int64_t>(shape.begin(), shape.end()));
}

void NodeReader::refuse(const std::string& why) const {
  throw Refusal{"operator " + node_.operation + " that gives \"" + output() + "\": " + why};
}

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

const OnnxTensor& NodeReader::constant(std::size_t index, TensorType type) const {
  const auto found = file_.constants.find(input(index));
  if (found == file_.constants.end()) refuse("tensor \"" + input(index) + "\" is not constant");
  if (found->second.type != type)
    refuse("tensor \"" + input(index) + "\" is " + name_of(found->second.type) + ", not " + name_of(type));
  return found->second;
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

int NodeReader::zero_point(std::size_t index) const {
  const OnnxTensor& tensor = constant(index, TensorType::int8);
  if (tensor.integers.size() != 1) refuse("zero point \"" + tensor.name + "\" is not one value");
  return static_cast<int>(tensor.integers[0]);
}

void NodeReader::all_zero(std::size_t index) const {
  const OnnxTensor& tensor = constant(index, TensorType::int8);
  if (std::ranges::any_of(tensor.integers, [](std::int64_t value) { return value != 0; }))
    refuse("zero point \"" + tensor.name + "\" of weights is not 0");
}

std::int64_t NodeReader::integer(const char* name, std::int64_t otherwise) const {
  const auto found = node_.integers.find(name);
  if (found == node_.integers.end()) return otherwise;
  if (found->second.size() != 1) refuse(std::string("attribute ") + name + " is not one number");
  return found->second[0];
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
