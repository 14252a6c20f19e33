#include "formats/onnx_graph.h"

#include <array>
#include <utility>

namespace loopgate::inspection {

namespace {

constexpr std::array<std::size_t, 4> to_last = {0, 2, 3, 1};   // of N, C, H, W
constexpr std::array<std::size_t, 4> to_first = {0, 3, 1, 2};  // of N, H, W, C

Shape reordered(const Shape& shape, const std::array<std::size_t, 4>& order) {
  if (shape.size() != 4) return shape;
  return {shape[order[0]], shape[order[1]], shape[order[2]], shape[order[3]]};
}

}  // namespace

std::size_t OnnxGraph::find(const NodeReader& read, std::size_t index) const {
  const auto found = places_.find(read.input(index));
  const OnnxValue& first = file.inputs[0];
  if (found == places_.end() && read.input(index) == first.name)
    NodeReader::refuse("the network's input \"" + first.name + "\" is " + shape_text(first.dims) +
                       " of float, and is not quantised before it: quantise the model to int8 "
                       "(onnxruntime's quantize_static)");
  if (found == places_.end())
    NodeReader::refuse("no int8 operator gives its input \"" + read.input(index) + "\"");
  return found->second.place;
}

std::size_t OnnxGraph::find(const NodeReader& read, std::size_t index, std::size_t scale,
                            std::size_t zero_point) const {
  const std::size_t place = find(read, index);
  if (at(place).scale != read.scale(scale) ||
      at(place).zero_point != read.zero_point(zero_point, type_of(read, index)))
    NodeReader::refuse("takes \"" + at(place).name +
                       "\" at another scale or zero point than it was given with");
  return place;
}

TensorType OnnxGraph::type_of(const NodeReader& read, std::size_t index) const {
  if (read.is_constant(index)) return read.constant(index).type;
  const auto found = places_.find(read.input(index));
  if (found == places_.end())
    NodeReader::refuse("no int8 operator gives its input \"" + read.input(index) + "\"");
  return found->second.type;
}

void OnnxGraph::give(const std::string& tensor, std::size_t place, TensorType type) {
  if (!places_.emplace(tensor, Tensor{place, type}).second)
    NodeReader::refuse("gives a tensor that is there already");
}

// With one channel, or height and width of 1, the order of the values is the same either way.
std::size_t OnnxGraph::in_file_order(std::size_t place) {
  const Activation from = at(place);
  if (from.shape.size() != 4) return place;
  const Shape shape = file_shape(from.shape);
  if (shape[1] == 1 || shape[2] * shape[3] == 1) return network.reshape(place, shape, from.name);
  return network.add(Transposition{place, 0, {to_first.begin(), to_first.end()}},
                     {from.name, from.scale, from.zero_point});
}

std::size_t OnnxGraph::from_file_order(std::size_t place) {
  const Activation from = at(place);
  if (from.shape.size() != 4) return place;
  const Shape& shape = from.shape;
  if (shape[1] == 1 || shape[2] * shape[3] == 1)
    return network.reshape(place, reordered(shape, to_last), from.name);
  return network.add(Transposition{place, 0, {to_last.begin(), to_last.end()}},
                     {from.name, from.scale, from.zero_point});
}

Shape OnnxGraph::file_shape(const Shape& shape) { return reordered(shape, to_first); }

std::size_t axis_of(std::int64_t axis, std::size_t axes) {
  const auto count = static_cast<std::int64_t>(axes);
  if (axis < -count || axis >= count) NodeReader::refuse("has no axis " + std::to_string(axis));
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

std::size_t network_axis(std::size_t axis, std::size_t axes) {
  constexpr std::array<std::size_t, 4> places = {0, 3, 1, 2};
  return axes == 4 ? places[axis] : axis;
}

void turn_channels_last(Shape* shape, std::vector<std::int8_t>* values) {
  if (shape->size() != 4) return;
  const std::size_t channels = (*shape)[1];
  const std::size_t area = (*shape)[2] * (*shape)[3];
  std::vector<std::int8_t> turned(values->size());
  for (std::size_t n = 0; n < (*shape)[0]; ++n)
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < area; ++i)
        turned[(n * area + i) * channels + c] = (*values)[(n * channels + c) * area + i];
  *values = std::move(turned);
  *shape = reordered(*shape, to_last);
}

Weights channels_last(Weights weights) {
  turn_channels_last(&weights.shape, &weights.values);
  return weights;
}

}  // namespace loopgate::inspection
