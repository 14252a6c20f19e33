// Makes a network of an ONNX file: int8 in operator form (QLinearConv and the like), or with QuantizeLinear
// and DequantizeLinear around each operator (QDQ).
#pragma once

#include <string>

#include "engine/network.h"
#include "formats/onnx_file.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// Refuses anything ambiguous, with exit_model and the name of the operator or tensor. Failures refer to the
// file as `name`.
Result<Network> network_of(const OnnxFile& file, const std::string& name);

}  // namespace loopgate::inspection
