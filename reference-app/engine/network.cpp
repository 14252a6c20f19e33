#include "engine/network.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/node_reader.h"

namespace loopgate::inspection {

namespace {

// In one tensor between layers; a picture of 4096x4096 is one.
constexpr std::size_t most_values = 16U << 20U;

std::vector<std::int8_t> as_int8(const OnnxTensor& tensor) {
  std::vector<std::int8_t> values;
  values.reserve(tensor.integers.size());
  for (const std::int64_t value : tensor.integers) values.push_back(static_cast<std::int8_t>(value));
  return values;
}

std::vector<std::size_t> as_shape(const std::vector<std::int64_t>& dims) {
  return {dims.begin(), dims.end()};
}

class Builder {
 public:
  explicit Builder(const OnnxFile& file) : file_(file) {}

  Network build() {
    check_ends();
    for (const OnnxNode& node : file_.nodes) add(node);
    if (!given_) throw Refusal{"its output \"" + file_.outputs[0].name + "\" is never computed"};
    return std::move(network_);
  }

 private:
  void check_ends() const {
    if (file_.inputs.size() != 1 || file_.outputs.size() != 1)
      throw Refusal{"has " + std::to_string(file_.inputs.size()) + " inputs and " +
                    std::to_string(file_.outputs.size()) + " outputs, not one of each"};
    const OnnxValue& input = file_.inputs[0];
    const bool picture = input.is_float && input.dims.size() == 4 &&
                         (input.dims[0] == 1 || input.dims[0] == -1) && input.dims[1] == 1 &&
                         within(input.dims[2]) && within(input.dims[3]);
    if (!picture)
      throw Refusal{"its input \"" + input.name + "\" is " + shape_text(input.dims) +
                    (input.is_float ? "" : ", not float") +
                    ": one grey picture, 1x1xHEIGHTxWIDTH of float, is wanted"};
  }

  static bool within(std::int64_t length) { return length >= 1 && length <= 4096; }

  void add(const OnnxNode& node) {
    using Reader = void (Builder::*)(const NodeReader&);
    static const std::map<std::string, Reader> readers = {
        {"QuantizeLinear", &Builder::quantise},
        {"DequantizeLinear", &Builder::dequantise},
        {"QLinearConv", &Builder::convolution},
        {"QLinearMatMul", &Builder::product},
        {"com.microsoft.QGemm", &Builder::dense},
        {"com.microsoft.QLinearAdd", &Builder::addition},
        {"com.microsoft.QLinearGlobalAveragePool", &Builder::mean},
        {"Flatten", &Builder::flatten},
        {"Reshape", &Builder::reshape},
    };
    const NodeReader read(file_, node);
    const auto found = readers.find(node.operation);
    if (found == readers.end()) read.refuse("is not understood");
    if (node.outputs.size() != 1) read.refuse("has " + std::to_string(node.outputs.size()) + " outputs");
    if (given_) read.refuse("comes after the network's output");
    (this->*found->second)(read);
  }

  // An int8 tensor that an earlier operator gave.
  std::size_t find(const NodeReader& read, std::size_t index) const {
    const auto found = places_.find(read.input(index));
    if (found == places_.end()) read.refuse("no int8 operator gives its input \"" + read.input(index) + "\"");
    return found->second;
  }

  const Activation& at(std::size_t place) const { return network_.activations[place]; }

  // ... whose scale and zero point must be those that it was given with.
  std::size_t find(const NodeReader& read, std::size_t index, std::size_t scale,
                   std::size_t zero_point) const {
    const std::size_t place = find(read, index);
    if (at(place).scale != read.scale(scale) || at(place).zero_point != read.zero_point(zero_point))
      read.refuse("takes \"" + at(place).name + "\" at another scale or zero point than it was given with");
    return place;
  }

  std::size_t give(const NodeReader& read, Activation activation) {
    // Pads, strides and channels of a foreign file can multiply to anything.
    std::size_t values = 1;
    for (const std::size_t length : activation.shape)
      values = std::min(values, most_values + 1) * std::min(length, most_values + 1);
    if (values > most_values)
      read.refuse("its output is " + shape_text(activation.shape) + ", which is too large");
    activation.name = read.output();
    network_.activations.push_back(std::move(activation));
    const std::size_t place = network_.activations.size() - 1;
    if (!places_.emplace(read.output(), place).second) read.refuse("gives a tensor that is there already");
    return place;
  }

  void quantise(const NodeReader& read) {
    const OnnxValue& input = file_.inputs[0];
    if (read.input(0) != input.name)
      read.refuse("quantises \"" + read.input(0) + "\", which is not the network's input");
    const std::vector<std::size_t> shape = {1, 1, static_cast<std::size_t>(input.dims[2]),
                                            static_cast<std::size_t>(input.dims[3])};
    network_.input = give(read, {"", shape, read.scale(1), read.zero_point(2), {}});
  }

  void dequantise(const NodeReader& read) {
    network_.output = find(read, 0, 1, 2);
    if (read.output() != file_.outputs[0].name) read.refuse("is not the network's output");
    if (at(network_.output).shape != std::vector<std::size_t>{1, 2})
      throw Refusal{"its output is " + shape_text(at(network_.output).shape) +
                    ": two values, for NG and OK, are wanted"};
    given_ = true;
  }

  Weights weights(const NodeReader& read, const OnnxTensor& tensor, std::size_t scale, std::size_t zero_point,
                  std::size_t bias) const {
    if (tensor.dims.empty() || std::ranges::any_of(tensor.dims, [](std::int64_t dim) { return dim < 1; }))
      read.refuse("weights \"" + tensor.name + "\" are " + shape_text(tensor.dims));
    const auto out = static_cast<std::size_t>(tensor.dims[0]);
    read.all_zero(zero_point);
    Weights weights{as_shape(tensor.dims), as_int8(tensor), read.scales(scale, out), {}};
    if (read.has(bias)) {
      const OnnxTensor& values = read.constant(bias, TensorType::int32);
      if (values.integers.size() != out)
        read.refuse("bias \"" + values.name + "\" has " + std::to_string(values.integers.size()) +
                    " values for " + std::to_string(out) + " channels");
      weights.bias.assign(values.integers.begin(), values.integers.end());
    }
    return weights;
  }

  void convolution(const NodeReader& read) {
    const std::size_t input = find(read, 0, 1, 2);
    const OnnxTensor& tensor = read.constant(3, TensorType::int8);
    if (tensor.dims.size() != 4 || at(input).shape.size() != 4)
      read.refuse("only convolutions over height and width are understood");
    read.only("auto_pad", std::string("NOTSET"));
    Convolution layer{input, 0, weights(read, tensor, 4, 5, 8), groups_of(read), {}, {}, {}};
    const auto pads = read.integers("pads", 4, 0, 0);
    const auto strides = read.integers("strides", 2, 1, 1);
    const auto dilations = read.integers("dilations", 2, 1, 1);
    std::ranges::copy(pads, layer.pads.begin());
    std::ranges::copy(strides, layer.strides.begin());
    std::ranges::copy(dilations, layer.dilations.begin());
    layer.output = give(read, {"", shape_after(read, layer), read.scale(6), read.zero_point(7), {}});
    network_.layers.emplace_back(std::move(layer));
  }

  static std::uint32_t groups_of(const NodeReader& read) {
    const std::int64_t groups = read.integer("group", 1);
    if (groups < 1 || groups > 65536) read.refuse("has " + std::to_string(groups) + " groups");
    return static_cast<std::uint32_t>(groups);
  }

  std::vector<std::size_t> shape_after(const NodeReader& read, const Convolution& layer) const {
    const std::vector<std::size_t>& input = at(layer.input).shape;
    const std::vector<std::size_t>& weights = layer.weights.shape;
    if (weights[1] * layer.groups != input[1] || weights[0] % layer.groups != 0)
      read.refuse("weights " + shape_text(weights) + " in " + std::to_string(layer.groups) +
                  " groups do not fit its input " + shape_text(input));
    std::vector<std::size_t> shape = {1, weights[0], 0, 0};
    for (std::size_t i = 0; i < 2; ++i) {
      const std::size_t padded = input[2 + i] + layer.pads[i] + layer.pads[2 + i];
      const std::size_t reach = (weights[2 + i] - 1) * layer.dilations[i] + 1;
      if (padded < reach) read.refuse("its kernel is larger than its input " + shape_text(input));
      shape[2 + i] = (padded - reach) / layer.strides[i] + 1;
    }
    return shape;
  }

  void product(const NodeReader& read) {
    add_dense(read, find(read, 0, 1, 2), transposed(read, read.constant(3, TensorType::int8)), 4, 5, none, 6,
              7);
  }

  void dense(const NodeReader& read) {
    const std::size_t input = find(read, 0, 1, 2);
    read.only("transA", std::int64_t{0});
    read.only("alpha", 1.0F);
    const OnnxTensor& tensor = read.constant(3, TensorType::int8);
    const bool out_first = read.integer("transB", 0) != 0;
    add_dense(read, input, out_first ? tensor : transposed(read, tensor), 4, 5, 6, 7, 8);
  }

  static OnnxTensor transposed(const NodeReader& read, const OnnxTensor& tensor) {
    if (tensor.dims.size() != 2)
      read.refuse("weights \"" + tensor.name + "\" are " + shape_text(tensor.dims));
    OnnxTensor turned = tensor;
    std::swap(turned.dims[0], turned.dims[1]);
    const auto rows = static_cast<std::size_t>(tensor.dims[0]);
    const auto columns = static_cast<std::size_t>(tensor.dims[1]);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t column = 0; column < columns; ++column)
        turned.integers[column * rows + row] = tensor.integers[row * columns + column];
    return turned;
  }

  void add_dense(const NodeReader& read, std::size_t input, const OnnxTensor& tensor, std::size_t scale,
                 std::size_t zero_point, std::size_t bias, std::size_t out_scale,
                 std::size_t out_zero_point) {
    Dense layer{input, 0, weights(read, tensor, scale, zero_point, bias)};
    const std::vector<std::size_t>& shape = layer.weights.shape;
    if (shape.size() != 2 || at(input).shape.size() != 2 || at(input).shape[1] != shape[1])
      read.refuse("weights " + shape_text(shape) + " do not fit its input " + shape_text(at(input).shape));
    layer.output =
        give(read, {"", {1, shape[0]}, read.scale(out_scale), read.zero_point(out_zero_point), {}});
    network_.layers.emplace_back(std::move(layer));
  }

  void addition(const NodeReader& read) {
    const std::size_t first = operand(read, 0);
    const std::size_t second = operand(read, 3);
    std::vector<std::size_t> shape = at(first).shape;
    if (at(second).shape != shape)
      read.refuse("adds " + shape_text(shape) + " and " + shape_text(at(second).shape));
    const std::size_t output = give(read, {"", std::move(shape), read.scale(6), read.zero_point(7), {}});
    network_.layers.emplace_back(Addition{first, second, output});
  }

  // A tensor that was given, or a constant with one value for each of the features of N, features.
  std::size_t operand(const NodeReader& read, std::size_t index) {
    if (!read.is_constant(index)) return find(read, index, index + 1, index + 2);
    const OnnxTensor& tensor = read.constant(index, TensorType::int8);
    if (tensor.integers.empty() ||
        (tensor.dims.size() != 1 && !(tensor.dims.size() == 2 && tensor.dims[0] == 1)))
      read.refuse("constant \"" + tensor.name + "\" is " + shape_text(tensor.dims) +
                  ": only one row is understood");
    network_.activations.push_back({tensor.name,
                                    {1, tensor.integers.size()},
                                    read.scale(index + 1),
                                    read.zero_point(index + 2),
                                    as_int8(tensor)});
    return network_.activations.size() - 1;
  }

  void mean(const NodeReader& read) {
    read.only("channels_last", std::int64_t{0});
    const std::size_t input = find(read, 0, 1, 2);
    if (at(input).shape.size() != 4) read.refuse("its input is " + shape_text(at(input).shape));
    const std::size_t output =
        give(read, {"", {1, at(input).shape[1], 1, 1}, read.scale(3), read.zero_point(4), {}});
    network_.layers.emplace_back(GlobalMean{input, output});
  }

  void flatten(const NodeReader& read) {
    read.only("axis", std::int64_t{1});
    add_flattening(read);
  }

  // To N, C in any of the ways that a shape can be written.
  void reshape(const NodeReader& read) {
    const std::size_t input = find(read, 0);
    const std::vector<std::int64_t>& to = read.constant(1, TensorType::int64).integers;
    const auto channels = static_cast<std::int64_t>(at(input).shape[1]);
    const bool flat = to.size() == 2 && (to[0] == 1 || to[0] == 0 || to[0] == -1) &&
                      (to[1] == channels || (to[1] == -1 && to[0] != -1));
    if (!flat)
      read.refuse("a shape of " + shape_text(at(input).shape) + " into " + shape_text(to) +
                  " is not understood");
    add_flattening(read);
  }

  // With height and width of 1 the order of the values is the same in every layout.
  void add_flattening(const NodeReader& read) {
    const std::size_t input = find(read, 0);
    const Activation& from = at(input);
    if (from.shape.size() != 4 || from.shape[2] != 1 || from.shape[3] != 1)
      read.refuse("flattens " + shape_text(from.shape) + ": only NxCx1x1 is understood");
    const Activation flat{"", {1, from.shape[1]}, from.scale, from.zero_point, {}};
    const std::size_t output = give(read, flat);
    network_.layers.emplace_back(Flattening{input, output});
  }

  static constexpr std::size_t none = 99;  // an input that the operator has not

  const OnnxFile& file_;
  Network network_;
  std::map<std::string, std::size_t> places_;
  bool given_ = false;
};

}  // namespace

Result<Network> network_of(const OnnxFile& file, const std::string& name) {
  try {
    return Builder(file).build();
  } catch (const Refusal& refusal) {
    return fail(exit_model, name + ": " + refusal.why);
  }
}

}  // namespace loopgate::inspection
