#include "engine/shapes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/refusal.h"

namespace loopgate::inspection {

namespace {

constexpr std::size_t most_axes = 6;  // XNNPACK's

void want_picture(const Shape& input) {
  if (input.size() != 4) throw Refusal{"its input is " + shape_text(input) + ", no picture of four axes"};
}

// How often a kernel of this length finds a place on height (axis 0) or width (1).
std::size_t places(std::size_t length, std::size_t kernel, const Window& window, std::size_t axis,
                   const Shape& input) {
  const std::size_t padded = length + window.pads[axis] + window.pads[2 + axis];
  const std::size_t reach = (kernel - 1) * window.dilations[axis] + 1;
  if (padded < reach) throw Refusal{"its kernel is larger than its input " + shape_text(input)};
  return (padded - reach) / window.strides[axis] + 1;
}

}  // namespace

Shape shape_after(const Convolution& layer, const Shape& input) {
  want_picture(input);
  const Shape& weights = layer.weights.shape;
  if (weights[3] * layer.groups != input[3] || weights[0] % layer.groups != 0)
    throw Refusal{"weights " + shape_text(weights) + " (out, height, width, in) in " +
                  std::to_string(layer.groups) + " groups do not fit its input " + shape_text(input)};
  return {input[0], places(input[1], weights[1], layer.window, 0, input),
          places(input[2], weights[2], layer.window, 1, input), weights[0]};
}

Shape shape_after(const Dense& layer, const Shape& input) {
  const Shape& weights = layer.weights.shape;
  if (weights.size() != 2 || input.empty() || input.back() != weights[1])
    throw Refusal{"weights " + shape_text(weights) + " do not fit its input " + shape_text(input)};
  Shape shape = input;
  shape.back() = weights[0];
  return shape;
}

Shape shape_after(const Binary&, const Shape& first, const Shape& second) {
  Shape shape = first.size() >= second.size() ? first : second;
  const Shape& other = first.size() >= second.size() ? second : first;
  for (std::size_t i = 1; i <= other.size(); ++i) {
    std::size_t& length = shape[shape.size() - i];
    const std::size_t its = other[other.size() - i];
    if (length != its && length != 1 && its != 1)
      throw Refusal{"cannot combine " + shape_text(first) + " and " + shape_text(second)};
    length = std::max(length, its);
  }
  return shape;
}

Shape shape_after(const std::array<std::uint32_t, 2>& size, const Window& window, const Shape& input) {
  want_picture(input);
  for (std::size_t i = 0; i < 2; ++i) {
    if (window.pads[i] >= size[i] || window.pads[2 + i] >= size[i])
      throw Refusal{"its pads are not smaller than its window"};
    // Or a window could lie in pads alone, and what is the largest of nothing?
    if (size[i] > 1 && window.dilations[i] > input[1 + i])
      throw Refusal{"its dilation of " + std::to_string(window.dilations[i]) + " is larger than its input " +
                    shape_text(input)};
  }
  return {input[0], places(input[1], size[0], window, 0, input), places(input[2], size[1], window, 1, input),
          input[3]};
}

Shape shape_after(const Mean& layer, const Shape& input, bool keep_axes) {
  Shape shape;
  for (std::size_t i = 0; i < input.size(); ++i) {
    const bool gone = std::ranges::find(layer.axes, i) != layer.axes.end();
    if (!gone) shape.push_back(input[i]);
    if (gone && keep_axes) shape.push_back(1);
  }
  return shape;
}

Shape shape_after(const Padding& layer, const Shape& input) {
  if (layer.before.size() != input.size() || layer.after.size() != input.size() || input.size() > most_axes)
    throw Refusal{"pads " + std::to_string(layer.before.size()) + " axes of " + shape_text(input)};
  Shape shape = input;
  for (std::size_t i = 0; i < shape.size(); ++i) shape[i] += layer.before[i] + layer.after[i];
  return shape;
}

Shape shape_after(const Transposition& layer, const Shape& input) {
  std::vector<std::size_t> sorted = layer.order;
  std::ranges::sort(sorted);
  Shape shape;
  for (std::size_t i = 0; i < sorted.size() && sorted[i] == i && i < input.size(); ++i)
    shape.push_back(input[layer.order[i]]);
  if (shape.size() != input.size() || sorted.size() != input.size() || input.size() > most_axes)
    throw Refusal{"its order of axes does not fit its input " + shape_text(input)};
  return shape;
}

}  // namespace loopgate::inspection
