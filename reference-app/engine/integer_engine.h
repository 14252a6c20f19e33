// An engine in plain loops and integers, which computes to the bit what TensorFlow Lite's reference kernels
// compute, on every processor. For comparison: it is several times slower than the default.
#pragma once

#include <memory>
#include <string>

#include "engine/inference_engine.h"
#include "engine/network.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// Failures refer to the model as `name`. One thread, no allocation in run().
Result<std::unique_ptr<InferenceEngine>> make_integer_engine(const Network& network, const std::string& name);

}  // namespace loopgate::inspection
