// Makes a network of a .tflite model whose operators are all int8.
#pragma once

#include <cstddef>
#include <string>

#include "engine/network.h"
#include "formats/tflite_schema.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// `bytes`: the file's size. Refuses anything ambiguous, with exit_model and the number and name of the
// operator. Failures refer to the file as `name`.
Result<Network> network_of(const tflite::Model& model, std::size_t bytes, const std::string& name);

}  // namespace loopgate::inspection
