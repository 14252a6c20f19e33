#include "formats/tflite_graph.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace loopgate::inspection {

using tflite::Type;

namespace {

std::string type_text(Type type) {
  switch (type) {
    case Type::float32:
      return "float32";
    case Type::int32:
      return "int32";
    case Type::uint8:
      return "uint8";
    case Type::int64:
      return "int64";
    case Type::int8:
      return "int8";
  }
  return "of type " + std::to_string(static_cast<int>(type));
}

float checked_scale(float scale, const std::string& name) {
  if (!std::isnormal(scale) || scale < 0) refuse("the scale of \"" + name + "\" is not above 0");
  return scale;
}

}  // namespace

TfliteGraph::TfliteGraph(const tflite::Model& model, std::size_t bytes) : model_(model), budget_(bytes) {}

const tflite::Tensor& TfliteGraph::tensor(std::int32_t number) const {
  const auto* tensors = graph().tensors();
  if (tensors == nullptr || number < 0 || static_cast<std::uint32_t>(number) >= tensors->size())
    refuse("names a tensor that is not there");
  return *tensors->Get(static_cast<std::uint32_t>(number));
}

std::string TfliteGraph::name_of(std::int32_t number) const {
  const flatbuffers::String* name = tensor(number).name();
  return name == nullptr || name->size() == 0 ? "tensor " + std::to_string(number) : name->str();
}

void TfliteGraph::want(std::int32_t number, Type type) const {
  const tflite::Tensor& its = tensor(number);
  if (its.type() == type) return;
  const std::string why =
      "\"" + name_of(number) + "\" is " + type_text(its.type()) + ", not " + type_text(type);
  refuse(type == Type::int8 ? why +
                                  ": quantise the whole model with int8 (TensorFlow Lite's converter, with a "
                                  "representative data set)"
                            : why);
}

std::span<const std::uint8_t> TfliteGraph::data(std::int32_t number) const {
  const tflite::Tensor& its = tensor(number);
  const auto* buffers = model_.buffers();
  if (its.external() != 0)
    refuse("\"" + name_of(number) + "\" is stored in another file; save the model as one");
  if (its.buffer() == 0) return {};
  if (buffers == nullptr || its.buffer() >= buffers->size())
    refuse("\"" + name_of(number) + "\" names a buffer that is not there");
  const tflite::Buffer& buffer = *buffers->Get(its.buffer());
  if (buffer.outside() > 1)
    refuse("\"" + name_of(number) + "\" is stored behind the model; save it as one table");
  if (its.is_sparse()) refuse("\"" + name_of(number) + "\" is sparse: convert the model without sparsity");
  const auto* bytes = buffer.data();
  if (bytes == nullptr) return {};
  return {bytes->data(), bytes->size()};
}

Shape TfliteGraph::shape(std::int32_t number) const {
  const auto* dims = tensor(number).shape();
  Shape shape;
  for (const std::int32_t dim : dims == nullptr
                                    ? std::span<const std::int32_t>()
                                    : std::span(dims->data(), std::min<std::size_t>(dims->size(), 9))) {
    if (dim < 1 || shape.size() == 8)
      refuse("\"" + name_of(number) + "\" has no fixed shape: convert the model with one");
    shape.push_back(static_cast<std::size_t>(dim));
  }
  return shape;
}

Given TfliteGraph::given(std::int32_t number) const {
  const tflite::Tensor& its = tensor(number);
  const bool shifted = its.type() == Type::uint8;
  if (!shifted) want(number, Type::int8);
  const tflite::Quantisation* quantisation = its.quantisation();
  const auto* scales = quantisation == nullptr ? nullptr : quantisation->scales();
  const auto* zero_points = quantisation == nullptr ? nullptr : quantisation->zero_points();
  if (scales == nullptr || scales->size() != 1 || quantisation->details() != 0 ||
      (zero_points != nullptr && zero_points->size() > 1))
    refuse("\"" + name_of(number) + "\" has no scale, or more than one");
  const std::int64_t file_zero = zero_points == nullptr || zero_points->size() == 0 ? 0 : zero_points->Get(0);
  const std::int64_t zero_point = file_zero - (shifted ? 128 : 0);
  if (file_zero < -128 || file_zero > 255 || zero_point < -128 || zero_point > 127)
    refuse("the zero point of \"" + name_of(number) + "\" does not fit its type");
  return {name_of(number), checked_scale(scales->Get(0), name_of(number)), static_cast<int>(zero_point)};
}

std::vector<float> TfliteGraph::weight_scales(std::int32_t number, std::size_t axis) const {
  const tflite::Quantisation* quantisation = tensor(number).quantisation();
  const auto* scales = quantisation == nullptr ? nullptr : quantisation->scales();
  const Shape its = shape(number);
  if (scales == nullptr || scales->size() == 0 || quantisation->details() != 0)
    refuse("weights \"" + name_of(number) + "\" have no scale");
  if (scales->size() != 1 && (axis >= its.size() || scales->size() != its[axis] ||
                              quantisation->axis() != static_cast<std::int32_t>(axis)))
    refuse("weights \"" + name_of(number) + "\" have " + std::to_string(scales->size()) +
           " scales along axis " + std::to_string(quantisation->axis()) + ", which do not fit " +
           shape_text(its));
  if (const auto* zero_points = quantisation->zero_points())
    for (const std::int64_t zero_point : *zero_points)
      if (zero_point != 0)
        refuse("a zero point of weights \"" + name_of(number) +
               "\" is not 0: quantise the weights symmetrically");
  std::vector<float> values;
  for (const float scale : *scales) values.push_back(checked_scale(scale, name_of(number)));
  return values;
}

std::vector<std::int8_t> TfliteGraph::int8(std::int32_t number) {
  want(number, Type::int8);
  const std::span<const std::uint8_t> bytes = data(number);
  if (bytes.empty()) refuse("\"" + name_of(number) + "\" is not constant");
  std::size_t left = bytes.size();
  for (const std::size_t length : shape(number)) left = left % length == 0 ? left / length : 0;
  if (left != 1)
    refuse("\"" + name_of(number) + "\" is " + shape_text(shape(number)) + ", but has " +
           std::to_string(bytes.size()) + " values");
  budget_.take(bytes.size());
  std::vector<std::int8_t> values(bytes.size());
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::vector<std::int32_t> TfliteGraph::int32(std::int32_t number) {
  const bool wide = tensor(number).type() == Type::int64;
  if (!wide) want(number, Type::int32);
  const std::span<const std::uint8_t> bytes = data(number);
  const std::size_t width = wide ? 8 : 4;
  if (bytes.empty() || bytes.size() % width != 0) refuse("\"" + name_of(number) + "\" is not constant");
  budget_.take(bytes.size());
  std::vector<std::int32_t> values(bytes.size() / width);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t value = 0;
    if (wide) {
      std::memcpy(&value, bytes.data() + i * width, width);
    } else {
      std::memcpy(&values[i], bytes.data() + i * width, width);
      continue;
    }
    if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max())
      refuse("a value of \"" + name_of(number) + "\" does not fit 32 bits");
    values[i] = static_cast<std::int32_t>(value);
  }
  return values;
}

std::size_t TfliteGraph::find(std::int32_t number) {
  if (const auto found = places_.find(number); found != places_.end()) return found->second;
  const Given its = given(number);
  if (!is_constant(number)) refuse("no operator gives its input \"" + its.name + "\"");
  Shape dims = shape(number);
  if (dims.empty()) dims = {1};
  const std::size_t place =
      network.constant({its.name, std::move(dims), its.scale, its.zero_point, int8(number)});
  places_.emplace(number, place);
  return place;
}

void TfliteGraph::give(std::int32_t number, std::size_t place) {
  const Shape& computed = network.at(place).shape;
  if (const Shape its = shape(number); its != computed)
    refuse("its output is " + shape_text(computed) + ", but the file says " + shape_text(its));
  if (!places_.emplace(number, place).second) refuse("gives a tensor that is there already");
}

bool TfliteNode::has(std::size_t index) const {
  return from_.inputs() != nullptr && index < from_.inputs()->size() &&
         from_.inputs()->Get(static_cast<std::uint32_t>(index)) >= 0;
}

std::int32_t TfliteNode::input(std::size_t index) const {
  if (!has(index)) refuse("its input number " + std::to_string(index + 1) + " is missing");
  return from_.inputs()->Get(static_cast<std::uint32_t>(index));
}

std::int32_t TfliteNode::output() const {
  if (from_.outputs() == nullptr || from_.outputs()->size() != 1) refuse("has not one output");
  return from_.outputs()->Get(0);
}

std::uint32_t TfliteNode::length(tflite::OptionsType type, flatbuffers::voffset_t index,
                                 std::int32_t otherwise) const {
  const auto value = option<std::int32_t>(type, index, otherwise);
  if (value < 1 || value > 1024) refuse("a stride, size or dilation of " + std::to_string(value));
  return static_cast<std::uint32_t>(value);
}

Limits TfliteNode::limits(tflite::OptionsType type, flatbuffers::voffset_t index) const {
  constexpr float infinite = std::numeric_limits<float>::infinity();
  const Given to = given();
  switch (const int function = option<std::int8_t>(type, index)) {
    case 0:
      return {};
    case 1:
      return limits_of(0, infinite, to.scale, to.zero_point);
    case 2:
      return limits_of(-1, 1, to.scale, to.zero_point);
    case 3:
      return limits_of(0, 6, to.scale, to.zero_point);
    default:
      refuse("its fused activation function number " + std::to_string(function) + " is not supported");
  }
}

}  // namespace loopgate::inspection
