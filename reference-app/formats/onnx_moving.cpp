// Operators that only move values: the same in both forms of quantised files, and their scale stays.
#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "formats/onnx_layers.h"
#include "formats/onnx_operators.h"

namespace loopgate::inspection {

namespace {

Given as_given(const Activation& from, const NodeReader& read) {
  return {read.output(), from.scale, from.zero_point};
}

// `shape` is the file's.
void reshape_to(OnnxGraph& graph, const NodeReader& read, Shape shape) {
  const std::size_t input = graph.in_file_order(graph.find(read, 0));
  const std::size_t output = graph.network.reshape(input, std::move(shape), read.output());
  graph.give_moved(read, graph.from_file_order(output));
}

void flatten(OnnxGraph& graph, const NodeReader& read) {
  const Shape from = OnnxGraph::file_shape(graph.at(graph.find(read, 0)).shape);
  const std::size_t axis = axis_of(read.integer("axis", 1), from.size());
  const Shape before(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(axis));
  reshape_to(graph, read, {count_of(before), count_of(from) / count_of(before)});
}

// 0: the length that was there; -1: what is left.
Shape resolved(const std::vector<std::int64_t>& to, const Shape& from) {
  const auto why = [&] { return "makes " + shape_text(to) + " of " + shape_text(from); };
  Shape shape;
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == -1 && !open)
      open = i;
    else if (to[i] < 0 || (to[i] == 0 && i >= from.size()))
      NodeReader::refuse(why());
    shape.push_back(to[i] == -1 ? 1 : to[i] == 0 ? from[i] : static_cast<std::size_t>(to[i]));
    if (shape.back() > count_of(from)) NodeReader::refuse(why());
  }
  if (shape.size() > 6) NodeReader::refuse(why());
  if (open) shape[*open] = count_of(from) / std::max<std::size_t>(count_of(shape), 1);
  return shape;
}

void reshape(OnnxGraph& graph, const NodeReader& read) {
  read.only("allowzero", std::int64_t{0});
  const Shape from = OnnxGraph::file_shape(graph.at(graph.find(read, 0)).shape);
  reshape_to(graph, read, resolved(read.constant(1, TensorType::int64).integers, from));
}

// The axes of Squeeze and Unsqueeze: an input, or in older files an attribute.
std::vector<std::int64_t> axes_of(const NodeReader& read) {
  return read.has(1) ? read.constant(1, TensorType::int64).integers : read.list("axes");
}

void squeeze(OnnxGraph& graph, const NodeReader& read) {
  const Shape from = OnnxGraph::file_shape(graph.at(graph.find(read, 0)).shape);
  std::vector<bool> gone(from.size());
  const std::vector<std::int64_t> axes = axes_of(read);
  for (const std::int64_t axis : axes) gone[axis_of(axis, from.size())] = true;
  Shape shape;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (gone[i] && from[i] != 1)
      NodeReader::refuse("removes an axis of " + shape_text(from) + " that is not 1");
    if (!(axes.empty() ? from[i] == 1 : gone[i])) shape.push_back(from[i]);
  }
  reshape_to(graph, read, std::move(shape));
}

void unsqueeze(OnnxGraph& graph, const NodeReader& read) {
  const Shape from = OnnxGraph::file_shape(graph.at(graph.find(read, 0)).shape);
  const std::vector<std::int64_t> axes = axes_of(read);
  const std::size_t count = from.size() + axes.size();
  if (count > 6) NodeReader::refuse("gives more than 6 axes");
  std::vector<bool> is_new(count);
  for (const std::int64_t axis : axes) is_new[axis_of(axis, count)] = true;
  Shape shape;
  std::size_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_new[i] && next == from.size()) NodeReader::refuse("names an axis twice");
    shape.push_back(is_new[i] ? 1 : from[next++]);
  }
  reshape_to(graph, read, std::move(shape));
}

void transpose(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  const std::size_t axes = graph.at(input).shape.size();
  std::vector<std::int64_t> order = read.list("perm");
  if (order.empty()) {
    order.resize(axes);
    std::iota(order.rbegin(), order.rend(), 0);
  }
  if (order.size() != axes) NodeReader::refuse("its order of axes does not fit its input");
  // The file's axis i is the network's network_axis(i), before and after.
  Transposition layer{input, 0, std::vector<std::size_t>(axes)};
  for (std::size_t i = 0; i < axes; ++i)
    layer.order[network_axis(i, axes)] = network_axis(axis_of(order[i], axes), axes);
  graph.give_moved(read, graph.network.add(std::move(layer), as_given(graph.at(input), read)));
}

void max_pool(OnnxGraph& graph, const NodeReader& read) {
  const std::size_t input = graph.find(read, 0);
  read.only("storage_order", std::int64_t{0});
  const MaxPool layer{input, 0, size_of_pool(read), window_of(read), {}};
  graph.give_moved(read, graph.network.add(layer, as_given(graph.at(input), read)));
}

void pad(OnnxGraph& graph, const NodeReader& read) {
  read.only("mode", std::string("constant"));
  const std::size_t input = graph.find(read, 0);
  const std::size_t axes = graph.at(input).shape.size();
  const std::vector<std::int64_t> pads =
      read.has(1) ? read.constant(1, TensorType::int64).integers : read.list("pads");
  if (read.has(2)) read.zero(2, graph.at(input).zero_point);
  if (pads.size() != 2 * axes ||
      std::ranges::any_of(pads, [](std::int64_t pad) { return pad < 0 || pad > 1024; }))
    NodeReader::refuse("its pads do not fit " + shape_text(graph.at(input).shape));
  Padding layer{input, 0, std::vector<std::size_t>(axes), std::vector<std::size_t>(axes)};
  for (std::size_t i = 0; i < axes; ++i) {
    layer.before[network_axis(i, axes)] = static_cast<std::size_t>(pads[i]);
    layer.after[network_axis(i, axes)] = static_cast<std::size_t>(pads[axes + i]);
  }
  graph.give_moved(read, graph.network.add(std::move(layer), as_given(graph.at(input), read)));
}

void same(OnnxGraph& graph, const NodeReader& read) { graph.give_moved(read, graph.find(read, 0)); }

}  // namespace

const OnnxReaders& moving_operators() {
  static const OnnxReaders readers = {
      {"Dropout", same},
      {"Flatten", flatten},
      {"Identity", same},
      {"MaxPool", max_pool},
      {"Pad", pad},
      {"Reshape", reshape},
      {"Squeeze", squeeze},
      {"Transpose", transpose},
      {"Unsqueeze", unsqueeze},
  };
  return readers;
}

}  // namespace loopgate::inspection
