// The operators of ONNX that are understood: each reads one node into layers.
#pragma once

#include <map>
#include <string>

#include "formats/onnx_graph.h"
#include "formats/onnx_node.h"

namespace loopgate::inspection {

using OnnxReader = void (*)(OnnxGraph& graph, const NodeReader& read);
using OnnxReaders = std::map<std::string, OnnxReader>;

// With scales and zero points among their inputs.
const OnnxReaders& quantised_operators();
// Between DequantizeLinear and QuantizeLinear.
const OnnxReaders& real_operators();
// That only move values, in either form.
const OnnxReaders& moving_operators();

}  // namespace loopgate::inspection
