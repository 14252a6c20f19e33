// Layers of ONNX's operators, from their attributes; what the two forms of quantised files say differently
// (inputs, weights, the output's scale) is given by the caller.
#pragma once

#include <cstddef>

#include "formats/onnx_graph.h"
#include "formats/onnx_node.h"

namespace loopgate::inspection {

void add_convolution(OnnxGraph& graph, const NodeReader& read, std::size_t input, Weights weights,
                     const Ending& ending);
void add_dense(OnnxGraph& graph, std::size_t input, Weights weights, const Ending& ending);
void add_binary(OnnxGraph& graph, Arithmetic operation, std::size_t first, std::size_t second,
                const Ending& ending);
// Over height and width.
void add_mean(OnnxGraph& graph, std::size_t input, const Ending& ending);
void add_average_pool(OnnxGraph& graph, const NodeReader& read, std::size_t input, const Ending& ending);

// The dimensions of a constant.
Shape shape_of(const OnnxTensor& tensor);

// A constant operand: its values in the file's order.
std::size_t constant_operand(OnnxGraph& graph, const std::string& name, Shape shape,
                             std::vector<std::int8_t> values, float scale, int zero_point,
                             std::size_t axes_of_other);

// Weights in, out as out, in.
Weights transposed(Weights weights);

// Pads, strides and dilations of a convolution or pool.
Window window_of(const NodeReader& read);
// Of a pool: its kernel_shape.
std::array<std::uint32_t, 2> size_of_pool(const NodeReader& read);

}  // namespace loopgate::inspection
