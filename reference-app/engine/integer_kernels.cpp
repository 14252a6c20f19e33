#include "engine/integer_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "engine/integer_arithmetic.h"
#include "engine/integer_convolution.h"
#include "engine/integer_softmax.h"

namespace loopgate::inspection {

namespace {

using Index = std::vector<std::size_t>;

std::int8_t cut(std::int64_t value, const Limits& limits) {
  return static_cast<std::int8_t>(std::clamp<std::int64_t>(value, limits.low, limits.high));
}

// To the nearest, ties away from zero.
std::int64_t quotient(std::int64_t sum, std::int64_t count) {
  return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

// Where a value lies, with axes of length 1 repeated and missing ones in front.
std::size_t offset(const Shape& shape, const Index& index) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < shape.size(); ++i)
    at = at * shape[i] + (shape[i] == 1 ? 0 : index[index.size() - shape.size() + i]);
  return at;
}

class Maker {
 public:
  Maker(const Network& network, Values* values) : network_(network), values_(*values) {}

  Kernel operator()(const Convolution& layer) const {
    const auto kernel = std::make_shared<IntegerConvolution>(layer, at(layer.input), at(layer.output));
    return [kernel, in = from(layer.input), out = to(layer.output)] { kernel->run(in, out); };
  }

  Kernel operator()(const Dense& layer) const {
    const auto kernel = std::make_shared<IntegerDense>(layer, at(layer.input), at(layer.output));
    return [kernel, in = from(layer.input), out = to(layer.output)] { kernel->run(in, out); };
  }

  Kernel operator()(const Binary& layer) const {
    const float first = at(layer.first).scale, second = at(layer.second).scale;
    const Activation& result = at(layer.output);
    if (layer.operation == Arithmetic::multiply)
      return combine(
          layer, [factor = Multiplier::of(double{first * second / result.scale}), zero = result.zero_point](
                     std::int32_t x, std::int32_t y) { return std::int64_t{factor(x * y)} + zero; });
    // Both to a common scale, with 20 bits more.
    const double twice = 2.0 * double{std::max(first, second)};
    return combine(
        layer, [one_scale = Multiplier::of(double{first} / twice),
                other_scale = Multiplier::of(double{second} / twice),
                back = Multiplier::of(twice / ((1 << 20) * double{result.scale})), zero = result.zero_point,
                sign = layer.operation == Arithmetic::subtract ? -1 : 1](std::int32_t x, std::int32_t y) {
          return std::int64_t{back(one_scale(x * (1 << 20)) + sign * other_scale(y * (1 << 20)))} + zero;
        });
  }

  Kernel operator()(const AveragePool& layer) const {
    const Multiplier rescale = Multiplier::of(double{at(layer.input).scale} / double{at(layer.output).scale});
    const bool same = at(layer.input).scale == at(layer.output).scale;
    const int zero = at(layer.input).zero_point, to_zero = at(layer.output).zero_point;
    return pool(layer, [=, limits = layer.limits](std::int64_t sum, std::int64_t count, int) {
      if (same && zero == to_zero) return cut(quotient(sum, count), limits);
      return cut(std::int64_t{rescale.over(count)(saturated(sum - count * zero))} + to_zero, limits);
    });
  }

  Kernel operator()(const MaxPool& layer) const {
    return pool(layer,
                [limits = layer.limits](std::int64_t, std::int64_t, int most) { return cut(most, limits); });
  }

  Kernel operator()(const Mean& layer) const {
    const Activation &input = at(layer.input), &output = at(layer.output);
    Shape kept = input.shape;
    for (const std::size_t axis : layer.axes) kept[axis] = 1;
    const auto count = static_cast<std::int64_t>(count_of(input.shape) / count_of(kept));
    const Multiplier mean = Multiplier::of(double{input.scale} / double{output.scale}).over(count);
    return [=, in = from(layer.input), out = to(layer.output), shape = input.shape,
            index = Index(kept.size()), sums = std::vector<std::int64_t>(count_of(kept)),
            zero = input.zero_point, to_zero = output.zero_point]() mutable {
      std::ranges::fill(sums, 0);
      const std::int8_t* next = in;
      each_index(shape, &index, [&](const Index& each) { sums[offset(kept, each)] += *next++ - zero; });
      for (std::size_t i = 0; i < sums.size(); ++i)
        out[i] = cut(std::int64_t{mean(saturated(sums[i]))} + to_zero, {});
    };
  }

  Kernel operator()(const Padding& layer) const {
    return gather(layer, [layer, shape = at(layer.input).shape](Index& index) {
      for (std::size_t i = 0; i < index.size(); ++i) {
        index[i] -= layer.before[i];
        if (index[i] >= shape[i]) return false;
      }
      return true;
    });
  }

  Kernel operator()(const Reshaping& layer) const {
    const std::size_t count = count_of(at(layer.output).shape);
    return [in = from(layer.input), out = to(layer.output), count] { std::memcpy(out, in, count); };
  }

  Kernel operator()(const Transposition& layer) const {
    return gather(layer, [order = layer.order, turned = Index(layer.order.size())](Index& index) mutable {
      for (std::size_t i = 0; i < index.size(); ++i) turned[order[i]] = index[i];
      std::ranges::copy(turned, index.begin());
      return true;
    });
  }

  Kernel operator()(const Softmax& layer) const {
    const std::size_t count = count_of(at(layer.input).shape), length = at(layer.input).shape.back();
    return [softmax = IntegerSoftmax(at(layer.input).scale), in = from(layer.input), out = to(layer.output),
            count, length] {
      for (std::size_t first = 0; first < count; first += length)
        softmax.run(std::span(in + first, length), out + first);
    };
  }

  // A table of all 256 values.
  Kernel operator()(const Unary& layer) const {
    const Activation &input = at(layer.input), &output = at(layer.output);
    std::array<std::int8_t, 256> table{};
    for (int value = -128; value < 128; ++value) {
      const double x = (value - input.zero_point) * double{input.scale};
      const double y = layer.function == Function::hard_swish ? x * std::clamp(x / 6 + 0.5, 0.0, 1.0)
                       : layer.function == Function::sigmoid  ? 1 / (1 + std::exp(-x))
                       : layer.function == Function::tanh     ? std::tanh(x)
                                                              : x;
      const double steps = std::clamp(std::round(y / double{output.scale}), -1e6, 1e6);
      table[static_cast<std::uint8_t>(value)] =
          cut(static_cast<std::int64_t>(steps) + output.zero_point, layer.limits);
    }
    return [table, in = from(layer.input), out = to(layer.output), count = count_of(input.shape)] {
      for (std::size_t i = 0; i < count; ++i) out[i] = table[static_cast<std::uint8_t>(in[i])];
    };
  }

 private:
  const Activation& at(std::size_t place) const { return network_.activations[place]; }
  const std::int8_t* from(std::size_t place) const { return values_[place].data(); }
  std::int8_t* to(std::size_t place) const { return values_[place].data(); }

  template <class Combine>
  Kernel combine(const Binary& layer, Combine value) const {
    return [=, first = from(layer.first), second = from(layer.second), out = to(layer.output),
            shape = at(layer.output).shape, shapes = std::pair(at(layer.first).shape, at(layer.second).shape),
            zeros = std::pair(at(layer.first).zero_point, at(layer.second).zero_point), limits = layer.limits,
            index = Index(at(layer.output).shape.size())]() mutable {
      std::int8_t* next = out;
      each_index(shape, &index, [&](const Index& each) {
        *next++ = cut(value(first[offset(shapes.first, each)] - zeros.first,
                            second[offset(shapes.second, each)] - zeros.second),
                      limits);
      });
    };
  }

  // `value` is called with the sum, the number and the largest of the window's values.
  template <class Pool, class Value>
  Kernel pool(const Pool& layer, Value value) const {
    return [=, in = from(layer.input), out = to(layer.output), input = at(layer.input).shape,
            output = at(layer.output).shape, index = Index(4)]() mutable {
      std::int8_t* next = out;
      each_index(output, &index, [&](const Index& each) {
        std::int64_t sum = 0, count = 0;
        int most = -128;
        for (std::size_t ky = 0; ky < layer.size[0]; ++ky)
          for (std::size_t kx = 0; kx < layer.size[1]; ++kx) {
            const Window& window = layer.window;
            const std::size_t y = each[1] * window.strides[0] + ky * window.dilations[0] - window.pads[0];
            const std::size_t x = each[2] * window.strides[1] + kx * window.dilations[1] - window.pads[1];
            if (y >= input[1] || x >= input[2]) continue;  // below 0 is a very large number
            const int found = in[((each[0] * input[1] + y) * input[2] + x) * input[3] + each[3]];
            sum += found, ++count, most = std::max(most, found);
          }
        *next++ = value(sum, std::max<std::int64_t>(count, 1), most);
      });
    };
  }

  // `find` turns an index of the output into one of the input; where there is none, the value is 0.
  template <class Single, class Find>
  Kernel gather(const Single& layer, Find find) const {
    const Shape& shape = at(layer.output).shape;
    return [=, in = from(layer.input), out = to(layer.output), input = at(layer.input).shape,
            zero = static_cast<std::int8_t>(at(layer.output).zero_point), index = Index(shape.size()),
            found = Index(shape.size())]() mutable {
      std::int8_t* next = out;
      each_index(shape, &index, [&](const Index& each) {
        std::ranges::copy(each, found.begin());
        *next++ = find(found) ? in[offset(input, found)] : zero;
      });
    };
  }

  const Network& network_;
  Values& values_;
};

}  // namespace

Kernel kernel_of(const Layer& layer, const Network& network, Values* values) {
  return std::visit(Maker(network, values), layer);
}

}  // namespace loopgate::inspection
