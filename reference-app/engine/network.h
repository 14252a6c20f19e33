// An int8 network as plain layers, independent of the file format, for engines without their own ONNX reader.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/onnx_file.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// A tensor between two layers, value = (int8 - zero_point) * scale. The shape is the file's: N, C, H, W, or
// N, features.
struct Activation {
  std::string name;
  std::vector<std::size_t> shape;
  float scale = 1;
  int zero_point = 0;
  std::vector<std::int8_t> values;  // of a constant; otherwise empty
};

// Symmetric weights. The shape is out, in, height, width, or out, in.
struct Weights {
  std::vector<std::size_t> shape;
  std::vector<std::int8_t> values;
  std::vector<float> scales;       // one, or one for each `out`
  std::vector<std::int32_t> bias;  // one for each `out`, or none; its scale is the input's times the weights'
};

// The numbers are places in Network::activations.
struct Convolution {
  std::size_t input, output;
  Weights weights;
  std::uint32_t groups = 1;
  std::array<std::uint32_t, 4> pads{};  // top, left, bottom, right: ONNX's order
  std::array<std::uint32_t, 2> strides{1, 1};
  std::array<std::uint32_t, 2> dilations{1, 1};
};
struct Dense {
  std::size_t input, output;
  Weights weights;
};
struct Addition {
  std::size_t first, second, output;
};
struct GlobalMean {  // over height and width
  std::size_t input, output;
};
struct Flattening {  // N, C, 1, 1 to N, C
  std::size_t input, output;
};
using Layer = std::variant<Convolution, Dense, Addition, GlobalMean, Flattening>;

struct Network {
  std::vector<Activation> activations;
  std::vector<Layer> layers;
  std::size_t input = 0;
  std::size_t output = 0;
};

// Refuses anything ambiguous, with exit_model and the name of the operator or tensor. Failures refer to the
// file as `name`.
Result<Network> network_of(const OnnxFile& file, const std::string& name);

}  // namespace loopgate::inspection
