#include "engine/xnnpack_engine.h"

#include <xnnpack.h>

#include <algorithm>
#include <array>
#include <limits>
#include <list>
#include <optional>
#include <utility>
#include <vector>

namespace loopgate::inspection {

namespace {

template <class Handle, xnn_status (*release)(Handle*)>
struct Release {
  void operator()(Handle* handle) const { release(handle); }
};
using Subgraph = std::unique_ptr<xnn_subgraph, Release<xnn_subgraph, xnn_delete_subgraph>>;
using Runtime = std::unique_ptr<xnn_runtime, Release<xnn_runtime, xnn_delete_runtime>>;

constexpr std::uint32_t input_id = 0;
constexpr std::uint32_t output_id = 1;
constexpr std::uint32_t external_ids = 2;
// The activation function is in the file's scales and zero points, so nothing is clipped.
constexpr float no_limit = std::numeric_limits<float>::infinity();

const char* text_of(xnn_status status) {
  switch (status) {
    case xnn_status_success:
      return "success";
    case xnn_status_invalid_parameter:
      return "an invalid parameter";
    case xnn_status_unsupported_parameter:
      return "an unsupported parameter";
    case xnn_status_unsupported_hardware:
      return "this processor is not supported";
    case xnn_status_out_of_memory:
      return "no memory";
    default:
      return "not ready";
  }
}

// XNNPACK reads up to XNN_EXTRA_BYTES behind a tensor, and keeps the addresses of constants.
std::vector<std::int8_t> with_margin(std::vector<std::int8_t> values) {
  values.resize(values.size() + XNN_EXTRA_BYTES);
  return values;
}

// What the subgraph's constants point to. The runtime packs weights into its own memory, but a constant
// operand of an addition stays where it is. A list: its elements do not move.
struct Constants {
  std::list<std::vector<std::int8_t>> bytes;
  std::list<std::vector<std::int32_t>> biases;
  std::list<std::vector<float>> scales;
};

// N, C, H, W as N, H, W, C; other shapes as they are.
std::vector<std::size_t> channels_last(const std::vector<std::size_t>& shape) {
  if (shape.size() != 4) return shape;
  return {shape[0], shape[2], shape[3], shape[1]};
}

// out, in, H, W as out, H, W, in.
std::vector<std::int8_t> channels_last(const Weights& weights) {
  const std::size_t out = weights.shape[0], in = weights.shape[1];
  const std::size_t area = weights.shape[2] * weights.shape[3];
  std::vector<std::int8_t> turned(weights.values.size());
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t at = 0; at < area; ++at)
        turned[(o * area + at) * in + i] = weights.values[(o * in + i) * area + at];
  return turned;
}

// out, 1, H, W as 1, H, W, out: what the depthwise kernels take.
std::vector<std::int8_t> out_last(const Weights& weights) {
  const std::size_t out = weights.shape[0];
  const std::size_t area = weights.shape[2] * weights.shape[3];
  std::vector<std::int8_t> turned(weights.values.size());
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t at = 0; at < area; ++at) turned[at * out + o] = weights.values[o * area + at];
  return turned;
}

// Defines one network in one subgraph. Every call returns XNNPACK's status.
class Definer {
 public:
  Definer(const Network& network, xnn_subgraph_t subgraph, Constants* constants)
      : network_(network), subgraph_(subgraph), constants_(constants), ids_(network.activations.size()) {}

  xnn_status activations() {
    for (std::size_t i = 0; i < network_.activations.size(); ++i)
      if (const xnn_status status = activation(i); status != xnn_status_success) return status;
    return xnn_status_success;
  }

  xnn_status operator()(const Convolution& layer) {
    const std::size_t in = at(layer.input).shape[1], out = layer.weights.shape[0];
    const bool depthwise = layer.groups == in && layer.weights.shape[1] == 1 && in > 1;
    const auto [height, width] = std::pair(layer.weights.shape[2], layer.weights.shape[3]);
    const float scale = at(layer.input).scale;
    std::uint32_t filter = 0, bias = 0;
    const xnn_status status = depthwise ? weights(layer.weights, {1, height, width, out}, 3,
                                                  out_last(layer.weights), scale, &filter, &bias)
                                        : weights(layer.weights, {out, height, width, in / layer.groups}, 0,
                                                  channels_last(layer.weights), scale, &filter, &bias);
    if (status != xnn_status_success) return status;
    const auto [top, left, bottom, right] = layer.pads;
    const auto h = static_cast<std::uint32_t>(height), w = static_cast<std::uint32_t>(width);
    if (depthwise)
      return xnn_define_depthwise_convolution_2d(
          subgraph_, top, right, bottom, left, h, w, layer.strides[0], layer.strides[1], layer.dilations[0],
          layer.dilations[1], static_cast<std::uint32_t>(out / in), in, -no_limit, no_limit,
          ids_[layer.input], filter, bias, ids_[layer.output], 0);
    return xnn_define_convolution_2d(subgraph_, top, right, bottom, left, h, w, layer.strides[0],
                                     layer.strides[1], layer.dilations[0], layer.dilations[1], layer.groups,
                                     in / layer.groups, out / layer.groups, -no_limit, no_limit,
                                     ids_[layer.input], filter, bias, ids_[layer.output], 0);
  }

  xnn_status operator()(const Dense& layer) {
    std::uint32_t filter = 0, bias = 0;
    const xnn_status status = weights(layer.weights, layer.weights.shape, 0, layer.weights.values,
                                      at(layer.input).scale, &filter, &bias);
    if (status != xnn_status_success) return status;
    return xnn_define_fully_connected(subgraph_, -no_limit, no_limit, ids_[layer.input], filter, bias,
                                      ids_[layer.output], 0);
  }

  xnn_status operator()(const Addition& layer) {
    const xnn_binary_params unlimited{-static_cast<double>(no_limit), static_cast<double>(no_limit)};
    return xnn_define_binary(subgraph_, xnn_binary_add, &unlimited, ids_[layer.first], ids_[layer.second],
                             ids_[layer.output], 0);
  }

  xnn_status operator()(const GlobalMean& layer) {
    constexpr std::array<std::size_t, 2> height_and_width = {1, 2};
    return xnn_define_static_reduce(subgraph_, xnn_reduce_mean, height_and_width.size(),
                                    height_and_width.data(), ids_[layer.input], ids_[layer.output],
                                    XNN_FLAG_KEEP_DIMS);
  }

  xnn_status operator()(const Flattening& layer) {
    const std::vector<std::size_t>& shape = at(layer.output).shape;
    return xnn_define_static_reshape(subgraph_, shape.size(), shape.data(), ids_[layer.input],
                                     ids_[layer.output], 0);
  }

 private:
  const Activation& at(std::size_t place) const { return network_.activations[place]; }

  xnn_status activation(std::size_t place) {
    const Activation& value = at(place);
    const std::vector<std::size_t> shape = channels_last(value.shape);
    const void* data = value.values.empty() ? nullptr : keep(value.values);
    std::uint32_t external = XNN_INVALID_VALUE_ID, flags = 0;
    if (place == network_.input)
      std::tie(external, flags) = std::pair(input_id, XNN_VALUE_FLAG_EXTERNAL_INPUT);
    if (place == network_.output)
      std::tie(external, flags) = std::pair(output_id, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
    return xnn_define_quantized_tensor_value(subgraph_, xnn_datatype_qint8, value.zero_point, value.scale,
                                             shape.size(), shape.data(), data, external, flags, &ids_[place]);
  }

  const std::int8_t* keep(std::vector<std::int8_t> values) {
    return constants_->bytes.emplace_back(with_margin(std::move(values))).data();
  }

  // `values` as `shape`, whose dimension number `channels` counts the output channels, and the bias.
  xnn_status weights(const Weights& from, const std::vector<std::size_t>& shape, std::size_t channels,
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
    const std::int32_t* data = constants_->biases.emplace_back(std::move(bias_values)).data();
    return xnn_define_channelwise_quantized_tensor_value(subgraph_, xnn_datatype_qcint32, bias_scales.data(),
                                                         1, 0, &out, data, XNN_INVALID_VALUE_ID, 0, bias);
  }

  const Network& network_;
  xnn_subgraph_t subgraph_;
  Constants* constants_;
  std::vector<std::uint32_t> ids_;
};

std::size_t output_of(const Layer& layer) {
  return std::visit([](const auto& one) { return one.output; }, layer);
}

class XnnpackEngine : public InferenceEngine {
 public:
  explicit XnnpackEngine(const Network& network) : output_(XNN_EXTRA_BYTES + 2) {
    const Activation& input = network.activations[network.input];
    input_ = {static_cast<int>(input.shape[3]), static_cast<int>(input.shape[2]), input.scale,
              input.zero_point};
    picture_ = with_margin(std::vector<std::int8_t>(input_.size()));
    const Activation& output = network.activations[network.output];
    scale_ = output.scale;
    zero_point_ = output.zero_point;
  }

  const char* name() const override { return "xnnpack"; }
  NetworkInput input() const override { return input_; }

  bool run(std::span<const std::int8_t> picture, Scores* scores) override {
    // Copied (9 KB), since XNNPACK is told an address once and reads beyond its end.
    std::ranges::copy(picture.first(input_.size()), picture_.begin());
    if (xnn_invoke_runtime(runtime_.get()) != xnn_status_success) return false;
    scores->ng = value_of(output_[0]);
    scores->ok = value_of(output_[1]);
    return true;
  }

  // Empty, or what XNNPACK refused.
  std::string load(const Network& network) {
    if (const xnn_status status = xnn_initialize(nullptr); status != xnn_status_success)
      return std::string("XNNPACK does not start: ") + text_of(status);
    xnn_subgraph_t created = nullptr;
    if (const xnn_status status = xnn_create_subgraph(external_ids, 0, &created);
        status != xnn_status_success)
      return std::string("XNNPACK has no subgraph: ") + text_of(status);
    const Subgraph subgraph(created);
    std::string refused = define(network, subgraph.get());
    return refused.empty() ? start(subgraph.get()) : refused;
  }

 private:
  float value_of(std::int8_t value) const { return static_cast<float>(value - zero_point_) * scale_; }

  std::string define(const Network& network, xnn_subgraph_t subgraph) {
    Definer definer(network, subgraph, &constants_);
    if (const xnn_status status = definer.activations(); status != xnn_status_success)
      return std::string("XNNPACK refuses a tensor: ") + text_of(status);
    for (const Layer& layer : network.layers)
      if (const xnn_status status = std::visit(definer, layer); status != xnn_status_success)
        return "XNNPACK refuses the operator that gives \"" + network.activations[output_of(layer)].name +
               "\": " + text_of(status);
    return {};
  }

  std::string start(xnn_subgraph_t subgraph) {
    xnn_runtime_t created = nullptr;
    xnn_status status = xnn_create_runtime_v2(subgraph, nullptr, 0, &created);
    runtime_.reset(created);
    if (status == xnn_status_success) status = xnn_reshape_runtime(runtime_.get());
    const std::array<xnn_external_value, external_ids> ends = {
        {{input_id, picture_.data()}, {output_id, output_.data()}}};
    if (status == xnn_status_success) status = xnn_setup_runtime_v2(runtime_.get(), ends.size(), ends.data());
    return status == xnn_status_success ? ""
                                        : std::string("XNNPACK can't run the network: ") + text_of(status);
  }

  NetworkInput input_;
  float scale_ = 1;
  int zero_point_ = 0;
  std::vector<std::int8_t> picture_;
  std::vector<std::int8_t> output_;
  Constants constants_;
  Runtime runtime_;
};

}  // namespace

Result<std::unique_ptr<InferenceEngine>> make_xnnpack_engine(const Network& network,
                                                             const std::string& name) {
  auto engine = std::make_unique<XnnpackEngine>(network);
  if (std::string refused = engine->load(network); !refused.empty())
    return fail(exit_model, name + ": " + refused);
  return engine;
}

}  // namespace loopgate::inspection
