#include "engine/xnnpack_subgraph.h"

#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace loopgate::inspection {

namespace {

constexpr float no_limit = std::numeric_limits<float>::infinity();

// out, height, width, 1 as 1, height, width, out: what the depthwise kernels take.
std::vector<std::int8_t> out_last(const Weights& weights) {
  const std::size_t out = weights.shape[0];
  const std::size_t area = weights.shape[1] * weights.shape[2];
  std::vector<std::int8_t> turned(weights.values.size());
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t at = 0; at < area; ++at) turned[at * out + o] = weights.values[o * area + at];
  return turned;
}

// Every call returns XNNPACK's status.
class Definer {
 public:
  Definer(const Network& network, xnn_subgraph_t subgraph, XnnpackConstants* constants)
      : network_(network), subgraph_(subgraph), constants_(constants), ids_(network.activations.size()) {}

  xnn_status activations() {
    for (std::size_t i = 0; i < network_.activations.size(); ++i)
      if (const xnn_status status = activation(i); status != xnn_status_success) return status;
    return xnn_status_success;
  }

  xnn_status operator()(const Convolution& layer) {
    const std::size_t in = at(layer.input).shape[3], out = layer.weights.shape[0];
    const std::size_t height = layer.weights.shape[1], width = layer.weights.shape[2];
    const bool depthwise = layer.groups == in && layer.weights.shape[3] == 1 && in > 1;
    const float scale = at(layer.input).scale;
    std::uint32_t filter = 0, bias = 0;
    const xnn_status status = depthwise ? weights(layer.weights, {1, height, width, out}, 3,
                                                  out_last(layer.weights), scale, &filter, &bias)
                                        : weights(layer.weights, layer.weights.shape, 0, layer.weights.values,
                                                  scale, &filter, &bias);
    if (status != xnn_status_success) return status;
    const auto [top, left, bottom, right] = layer.window.pads;
    const auto& [strides, dilations] = std::tie(layer.window.strides, layer.window.dilations);
    const auto [low, high] = real_limits(layer.limits, layer.output);
    const auto h = static_cast<std::uint32_t>(height), w = static_cast<std::uint32_t>(width);
    if (depthwise)
      return xnn_define_depthwise_convolution_2d(subgraph_, top, right, bottom, left, h, w, strides[0],
                                                 strides[1], dilations[0], dilations[1],
                                                 static_cast<std::uint32_t>(out / in), in, low, high,
                                                 ids_[layer.input], filter, bias, ids_[layer.output], 0);
    return xnn_define_convolution_2d(subgraph_, top, right, bottom, left, h, w, strides[0], strides[1],
                                     dilations[0], dilations[1], layer.groups, in / layer.groups,
                                     out / layer.groups, low, high, ids_[layer.input], filter, bias,
                                     ids_[layer.output], 0);
  }

  xnn_status operator()(const Dense& layer) {
    std::uint32_t filter = 0, bias = 0;
    const xnn_status status = weights(layer.weights, layer.weights.shape, 0, layer.weights.values,
                                      at(layer.input).scale, &filter, &bias);
    if (status != xnn_status_success) return status;
    const auto [low, high] = real_limits(layer.limits, layer.output);
    return xnn_define_fully_connected(subgraph_, low, high, ids_[layer.input], filter, bias,
                                      ids_[layer.output], 0);
  }

  xnn_status operator()(const Binary& layer) {
    const float to = at(layer.output).scale, first = at(layer.first).scale, second = at(layer.second).scale;
    // Beyond these ratios the kernels' multipliers overflow, and XNNPACK itself does not look.
    const bool fits = layer.operation == Arithmetic::multiply
                          ? within(first * second / to, 0x1p-16F, 0x1p8F)
                          : within(first / to, 0x1p-10F, 0x1p8F) && within(second / to, 0x1p-10F, 0x1p8F);
    if (!fits) return xnn_status_unsupported_parameter;
    const xnn_binary_operator operation = layer.operation == Arithmetic::add        ? xnn_binary_add
                                          : layer.operation == Arithmetic::subtract ? xnn_binary_subtract
                                                                                    : xnn_binary_multiply;
    const auto [low, high] = real_limits(layer.limits, layer.output);
    const xnn_binary_params params{low, high};
    return xnn_define_binary(subgraph_, operation, &params, ids_[layer.first], ids_[layer.second],
                             ids_[layer.output], 0);
  }

  // XNNPACK averages over windows in floating point only, but over all of a picture in int8.
  xnn_status operator()(const AveragePool& layer) {
    const Shape& input = at(layer.input).shape;
    if (layer.size[0] == input[1] && layer.size[1] == input[2] && !layer.limits.cut() &&
        layer.window.pads == std::array<std::uint32_t, 4>{})
      return (*this)(Mean{layer.input, layer.output, {1, 2}});
    const auto [top, left, bottom, right] = layer.window.pads;
    const auto [low, high] = real_limits(layer.limits, layer.output);
    return through_float(layer.input, layer.output, [&](std::uint32_t from, std::uint32_t to) {
      return xnn_define_average_pooling_2d(subgraph_, top, right, bottom, left, layer.size[0], layer.size[1],
                                           layer.window.strides[0], layer.window.strides[1], low, high, from,
                                           to, 0);
    });
  }

  xnn_status operator()(const MaxPool& layer) {
    const auto [top, left, bottom, right] = layer.window.pads;
    const auto [low, high] = real_limits(layer.limits, layer.output);
    return xnn_define_max_pooling_2d(subgraph_, top, right, bottom, left, layer.size[0], layer.size[1],
                                     layer.window.strides[0], layer.window.strides[1],
                                     layer.window.dilations[0], layer.window.dilations[1], low, high,
                                     ids_[layer.input], ids_[layer.output], 0);
  }

  xnn_status operator()(const Mean& layer) {
    const bool keeps_axes = at(layer.input).shape.size() == at(layer.output).shape.size();
    return xnn_define_static_reduce(subgraph_, xnn_reduce_mean, layer.axes.size(), layer.axes.data(),
                                    ids_[layer.input], ids_[layer.output],
                                    keeps_axes ? XNN_FLAG_KEEP_DIMS : 0);
  }

  xnn_status operator()(const Padding& layer) {
    return xnn_define_static_constant_pad(subgraph_, layer.before.data(), layer.after.data(), 0,
                                          ids_[layer.input], ids_[layer.output], 0);
  }

  xnn_status operator()(const Reshaping& layer) {
    const Shape& shape = at(layer.output).shape;
    return xnn_define_static_reshape(subgraph_, shape.size(), shape.data(), ids_[layer.input],
                                     ids_[layer.output], 0);
  }

  xnn_status operator()(const Transposition& layer) {
    return xnn_define_static_transpose(subgraph_, layer.order.size(), layer.order.data(), ids_[layer.input],
                                       ids_[layer.output], 0);
  }

  xnn_status operator()(const Softmax& layer) {
    return through_float(layer.input, layer.output, [this](std::uint32_t from, std::uint32_t to) {
      return xnn_define_softmax(subgraph_, from, to, 0);
    });
  }

  // An int8 function is a table of 256 values. Its int8 scaling has 8 bits of a factor only, so that goes
  // through floating point.
  xnn_status operator()(const Unary& layer) {
    if (layer.function == Function::identity) {
      const auto [low, high] = real_limits(layer.limits, layer.output);
      return through_float(layer.input, layer.output, [&](std::uint32_t from, std::uint32_t to) {
        xnn_unary_params params{};
        params.clamp = {low, high};
        return xnn_define_unary(subgraph_, xnn_unary_clamp, &params, from, to, 0);
      });
    }
    if (layer.limits.cut()) return xnn_status_unsupported_parameter;
    const xnn_unary_operator operation = layer.function == Function::hard_swish ? xnn_unary_hardswish
                                         : layer.function == Function::sigmoid  ? xnn_unary_sigmoid
                                                                                : xnn_unary_tanh;
    return xnn_define_unary(subgraph_, operation, nullptr, ids_[layer.input], ids_[layer.output], 0);
  }

 private:
  const Activation& at(std::size_t place) const { return network_.activations[place]; }

  static bool within(float value, float low, float high) { return value >= low && value < high; }

  // What is not cut is not limited: an activation function may be in the file's scales and zero points.
  std::pair<float, float> real_limits(const Limits& limits, std::size_t place) const {
    const Activation& to = at(place);
    const auto real = [&to](std::int8_t value) {
      return static_cast<float>(value - to.zero_point) * to.scale;
    };
    return {limits.low == -128 ? -no_limit : real(limits.low),
            limits.high == 127 ? no_limit : real(limits.high)};
  }

  xnn_status activation(std::size_t place) {
    const Activation& value = at(place);
    const void* data = value.values.empty() ? nullptr : keep(value.values);
    std::uint32_t external = XNN_INVALID_VALUE_ID, flags = 0;
    if (place == network_.input)
      std::tie(external, flags) = std::pair(xnnpack_input_id, XNN_VALUE_FLAG_EXTERNAL_INPUT);
    if (place == network_.output)
      std::tie(external, flags) = std::pair(xnnpack_output_id, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
    return xnn_define_quantized_tensor_value(subgraph_, xnn_datatype_qint8, value.zero_point, value.scale,
                                             value.shape.size(), value.shape.data(), data, external, flags,
                                             &ids_[place]);
  }

  xnn_status real_tensor(const Shape& shape, std::uint32_t* id) {
    return xnn_define_tensor_value(subgraph_, xnn_datatype_fp32, shape.size(), shape.data(), nullptr,
                                   XNN_INVALID_VALUE_ID, 0, id);
  }

  // `define_single` computes the second tensor of its ids from the first, both in floating point.
  template <class DefineSingle>
  xnn_status through_float(std::size_t input, std::size_t output, DefineSingle define_single) {
    std::uint32_t from = 0, to = 0;
    xnn_status status = real_tensor(at(input).shape, &from);
    if (status == xnn_status_success) status = real_tensor(at(output).shape, &to);
    if (status == xnn_status_success)
      status = xnn_define_unary(subgraph_, xnn_unary_convert, nullptr, ids_[input], from, 0);
    if (status == xnn_status_success) status = define_single(from, to);
    if (status == xnn_status_success)
      status = xnn_define_unary(subgraph_, xnn_unary_convert, nullptr, to, ids_[output], 0);
    return status;
  }

  const std::int8_t* keep(std::vector<std::int8_t> values) {
    return constants_->bytes.emplace_back(with_margin(std::move(values))).data();
  }

  // `values` as `shape`, whose dimension number `channels` counts the output channels, and the bias.
  xnn_status weights(const Weights& from, const Shape& shape, std::size_t channels,
                     std::vector<std::int8_t> values, float input_scale, std::uint32_t* filter,
                     std::uint32_t* bias) {
    const std::size_t out = from.shape[0];
    const std::vector<float>& scales = constants_->scales.emplace_back(
        from.scales.size() == 1 ? std::vector<float>(out, from.scales[0]) : from.scales);
    const xnn_status status = xnn_define_channelwise_quantized_tensor_value(
        subgraph_, xnn_datatype_qcint8, scales.data(), shape.size(), channels, shape.data(),
        keep(std::move(values)), XNN_INVALID_VALUE_ID, 0, filter);
    if (status != xnn_status_success) return status;
    std::vector<float>& bias_scales = constants_->scales.emplace_back(scales);
    for (float& scale : bias_scales) scale *= input_scale;
    std::vector<std::int32_t> bias_values = from.bias.empty() ? std::vector<std::int32_t>(out) : from.bias;
    if (network_.rounds_twice)
      for (std::int32_t& value : bias_values)
        value += value < std::numeric_limits<std::int32_t>::max() ? 1 : 0;
    const std::int32_t* data = constants_->biases.emplace_back(std::move(bias_values)).data();
    return xnn_define_channelwise_quantized_tensor_value(subgraph_, xnn_datatype_qcint32, bias_scales.data(),
                                                         1, 0, &out, data, XNN_INVALID_VALUE_ID, 0, bias);
  }

  const Network& network_;
  xnn_subgraph_t subgraph_;
  XnnpackConstants* constants_;
  std::vector<std::uint32_t> ids_;
};

}  // namespace

const char* text_of(xnn_status status) {
  switch (status) {
    case xnn_status_success:
      return "success";
    case xnn_status_invalid_parameter:
      return "an invalid parameter";
    case xnn_status_unsupported_parameter:
      return "an unsupported parameter, such as scales that are too far apart";
    case xnn_status_unsupported_hardware:
      return "this processor is not supported";
    case xnn_status_out_of_memory:
      return "no memory";
    default:
      return "not ready";
  }
}

std::vector<std::int8_t> with_margin(std::vector<std::int8_t> values) {
  values.resize(values.size() + XNN_EXTRA_BYTES);
  return values;
}

std::string define(const Network& network, xnn_subgraph_t subgraph, XnnpackConstants* constants) {
  Definer definer(network, subgraph, constants);
  if (const xnn_status status = definer.activations(); status != xnn_status_success)
    return std::string("XNNPACK refuses a tensor: ") + text_of(status);
  for (const Layer& layer : network.layers) {
    const xnn_status status = std::visit(definer, layer);
    const std::size_t output = std::visit([](const auto& one) { return one.output; }, layer);
    if (status != xnn_status_success)
      return "XNNPACK refuses the operator that gives \"" + network.activations[output].name +
             "\": " + text_of(status);
  }
  return {};
}

}  // namespace loopgate::inspection
