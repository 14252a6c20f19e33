// An int8 network as plain layers, independent of the file format. Readers make it (formats/), engines run
// it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace loopgate::inspection {

using Shape = std::vector<std::size_t>;

// A tensor between two layers, value = (int8 - zero_point) * scale. Pictures are N, height, width, channels,
// whatever the file's order was.
struct Activation {
  std::string name;
  Shape shape;
  float scale = 1;
  int zero_point = 0;
  std::vector<std::int8_t> values;  // of a constant; otherwise empty
};

// Symmetric weights. The shape is out, height, width, in, or out, in.
struct Weights {
  Shape shape;
  std::vector<std::int8_t> values;
  std::vector<float> scales;       // one, or one for each `out`
  std::vector<std::int32_t> bias;  // one for each `out`, or none; its scale is the input's times the weights'
};

// What a fused activation function leaves of the output's values.
struct Limits {
  std::int8_t low = -128;
  std::int8_t high = 127;

  bool cut() const { return low != -128 || high != 127; }
};

// A kernel that moves over height and width.
struct Window {
  std::array<std::uint32_t, 4> pads{};  // top, left, bottom, right
  std::array<std::uint32_t, 2> strides{1, 1};
  std::array<std::uint32_t, 2> dilations{1, 1};
};

// `input` and `output`, `first` and `second` are places in Network::activations.
struct Convolution {
  std::size_t input = 0, output = 0;
  Weights weights;
  std::uint32_t groups = 1;
  Window window;
  Limits limits;
};
struct Dense {
  std::size_t input = 0, output = 0;
  Weights weights;
  Limits limits;
};
enum class Arithmetic { add, subtract, multiply };
// Lengths of 1 are repeated, and missing ones in front are 1.
struct Binary {
  Arithmetic operation = Arithmetic::add;
  std::size_t first = 0, second = 0, output = 0;
  Limits limits;
};
struct AveragePool {  // positions beyond the input do not count
  std::size_t input = 0, output = 0;
  std::array<std::uint32_t, 2> size{1, 1};
  Window window;  // not dilated
  Limits limits;
};
struct MaxPool {
  std::size_t input = 0, output = 0;
  std::array<std::uint32_t, 2> size{1, 1};
  Window window;
  Limits limits;
};
struct Mean {
  std::size_t input = 0, output = 0;
  std::vector<std::size_t> axes;  // rising, each once
};
struct Padding {  // with the value 0
  std::size_t input = 0, output = 0;
  std::vector<std::size_t> before, after;  // one for each axis
};
struct Reshaping {  // the values stay in their order
  std::size_t input = 0, output = 0;
};
struct Transposition {  // axis i of the output is axis order[i] of the input
  std::size_t input = 0, output = 0;
  std::vector<std::size_t> order;
};
struct Softmax {  // over the last axis
  std::size_t input = 0, output = 0;
};
enum class Function { identity, hard_swish, sigmoid, tanh };
struct Unary {  // identity: to the output's scale and limits; other functions have no limits
  Function function = Function::identity;
  std::size_t input = 0, output = 0;
  Limits limits;
};
using Layer = std::variant<Convolution, Dense, Binary, AveragePool, MaxPool, Mean, Padding, Reshaping,
                           Transposition, Softmax, Unary>;

struct Network {
  // Whether sums of products were meant to be rounded as TensorFlow Lite does: twice, which is as if each sum
  // were larger by 1/2 to 1.
  bool rounds_twice = false;
  std::vector<Activation> activations;
  std::vector<Layer> layers;
  std::size_t input = 0;
  std::size_t output = 0;
};

std::size_t count_of(const Shape& shape);

std::uint64_t bytes_of(const Weights& weights);

// Bytes that the layers read and write, by their sizes: each reads its inputs and weights once and writes its
// output once. A reshaping moves nothing.
std::uint64_t bytes_moved(const Network& network);

// What is left of a tensor with this scale after a function that cuts at `low` and `high`.
Limits limits_of(float low, float high, float scale, int zero_point);

// What is left after both, one behind the other.
Limits limits_after(const Limits& first, const Limits& then);

}  // namespace loopgate::inspection
