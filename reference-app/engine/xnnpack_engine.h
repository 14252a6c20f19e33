// The default engine: XNNPACK, one thread, no allocation in run().
#pragma once

#include <memory>
#include <string>

#include "engine/inference_engine.h"
#include "engine/network.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// Failures refer to the model as `name`.
Result<std::unique_ptr<InferenceEngine>> make_xnnpack_engine(const Network& network, const std::string& name);

}  // namespace loopgate::inspection
