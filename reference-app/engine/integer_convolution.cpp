#include "engine/integer_convolution.h"

#include <numeric>

namespace loopgate::inspection {

namespace {

std::int32_t dot(const std::int8_t* first, const std::int8_t* second, std::size_t length) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < length; ++i) sum += first[i] * second[i];
  return sum;
}

// TensorFlow Lite multiplies the scales of a dense layer without channels in single precision.
Requantisation requantisation_of(const Weights& weights, const Activation& input, const Activation& output,
                                 const Limits& limits, bool single_precision) {
  const std::size_t out = weights.shape[0];
  Requantisation made{{}, weights.bias, output.zero_point, limits};
  made.bias.resize(out);
  for (std::size_t channel = 0; channel < out; ++channel) {
    const float scale = weights.scales[weights.scales.size() == 1 ? 0 : channel];
    const double product = single_precision && weights.scales.size() == 1
                               ? double{input.scale * scale}
                               : double{input.scale} * double{scale};
    made.multipliers.push_back(Multiplier::of(product / double{output.scale}));
  }
  return made;
}

}  // namespace

IntegerConvolution::IntegerConvolution(const Convolution& layer, const Activation& input,
                                       const Activation& output)
    : input_(input.shape),
      output_(output.shape),
      kernel_(layer.weights.shape),
      groups_(layer.groups),
      window_(layer.window),
      input_zero_point_(input.zero_point),
      requantisation_(requantisation_of(layer.weights, input, output, layer.limits, false)),
      depthwise_(layer.groups == input.shape[3] && kernel_[3] == 1 && kernel_[0] == input.shape[3]),
      weights_(layer.weights.values),
      sums_(kernel_[0]) {
  const std::size_t out = kernel_[0], area = kernel_[1] * kernel_[2], in = kernel_[3];
  if (depthwise_) {
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < area; ++i) weights_[i * out + o] = layer.weights.values[o * area + i];
    return;
  }
  for (std::size_t i = 0; i < out * area; ++i)
    weights_totals_.push_back(std::accumulate(weights_.begin() + static_cast<std::ptrdiff_t>(i * in),
                                              weights_.begin() + static_cast<std::ptrdiff_t>((i + 1) * in),
                                              0));
}

// Calls `visit` with each position of the kernel that lies in the input, and the spot there.
template <class Visit>
void IntegerConvolution::each_position(std::size_t y, std::size_t x, Visit visit) const {
  for (std::size_t ky = 0; ky < kernel_[1]; ++ky) {
    const std::size_t from_y = y * window_.strides[0] + ky * window_.dilations[0] - window_.pads[0];
    if (from_y >= input_[1]) continue;  // below 0 is a very large number
    for (std::size_t kx = 0; kx < kernel_[2]; ++kx) {
      const std::size_t from_x = x * window_.strides[1] + kx * window_.dilations[1] - window_.pads[1];
      if (from_x < input_[2]) visit(ky * kernel_[2] + kx, from_y * input_[2] + from_x);
    }
  }
}

void IntegerConvolution::sum_depthwise(const std::int8_t* in, std::size_t y, std::size_t x) {
  const std::size_t channels = sums_.size();
  each_position(y, x, [&](std::size_t position, std::size_t spot) {
    const std::int8_t* from = in + spot * channels;
    const std::int8_t* weights = weights_.data() + position * channels;
    for (std::size_t i = 0; i < channels; ++i) sums_[i] += (from[i] - input_zero_point_) * weights[i];
  });
}

// The zero point counts once for each position, times its weights' total.
void IntegerConvolution::sum_groups(const std::int8_t* in, std::size_t y, std::size_t x) {
  const std::size_t length = kernel_[3], area = kernel_[1] * kernel_[2];
  const std::size_t in_group = sums_.size() / groups_;
  each_position(y, x, [&](std::size_t position, std::size_t spot) {
    const std::int8_t* from = in + spot * input_[3];
    for (std::size_t out = 0; out < sums_.size(); ++out) {
      const std::size_t place = out * area + position;
      sums_[out] += dot(from + out / in_group * length, weights_.data() + place * length, length) -
                    input_zero_point_ * weights_totals_[place];
    }
  });
}

void IntegerConvolution::run(const std::int8_t* in, std::int8_t* out) {
  const std::size_t picture = input_[1] * input_[2] * input_[3];
  for (std::size_t n = 0; n < output_[0]; ++n, in += picture)
    for (std::size_t y = 0; y < output_[1]; ++y)
      for (std::size_t x = 0; x < output_[2]; ++x) {
        std::ranges::fill(sums_, 0);
        depthwise_ ? sum_depthwise(in, y, x) : sum_groups(in, y, x);
        for (std::size_t channel = 0; channel < sums_.size(); ++channel)
          *out++ = requantisation_(channel, sums_[channel]);
      }
}

IntegerDense::IntegerDense(const Dense& layer, const Activation& input, const Activation& output)
    : rows_(count_of(input.shape) / layer.weights.shape[1]),
      length_(layer.weights.shape[1]),
      requantisation_(requantisation_of(layer.weights, input, output, layer.limits, true)),
      weights_(layer.weights.values) {
  for (std::size_t i = 0; i < requantisation_.bias.size(); ++i) {
    const auto begin = weights_.begin() + static_cast<std::ptrdiff_t>(i * length_);
    const std::int64_t total = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(length_), 0);
    requantisation_.bias[i] = saturated(requantisation_.bias[i] - input.zero_point * total);
  }
}

void IntegerDense::run(const std::int8_t* in, std::int8_t* out) const {
  for (std::size_t row = 0; row < rows_; ++row, in += length_)
    for (std::size_t channel = 0; channel < requantisation_.bias.size(); ++channel)
      *out++ = requantisation_(channel, dot(in, weights_.data() + channel * length_, length_));
}

}  // namespace loopgate::inspection
