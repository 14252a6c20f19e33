// An int8 network as plain layers, whatever file it came from: what an engine without an ONNX reader of its
// own is built from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/onnx_file.h"
#include "inspection/problem.h"

namespace loopgate::inspection {

// What flows between the layers, value = (int8 - zero_point) * scale. The shape is the file's: N, C, H, W, or
// N, features.
struct Activation {
  std::string name;
  std::vector<std::size_t> shape;
  float scale = 1;
  int zero_point = 0;
  std::vector<std::int8_t> values;  // of a constant; else empty
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

// Refuses, with exit_model and the name of the operator or tensor, all that it would have to guess. `name` is
// what a failure calls the file.
Result<Network> network_of(const OnnxFile& file, const std::string& name);

}  // namespace loopgate::inspection
