// The engines that this program was built with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/inference_engine.h"
#include "engine/network.h"
#include "inspection/problem.h"

namespace loopgate::inspection {

// By name; the first is the default.
std::vector<std::string> built_engines();

// `network` is what `bytes`, the ONNX file, came to; `name` is what a failure calls it. The call may take
// seconds, and its result is warm: it has run once.
Result<std::unique_ptr<InferenceEngine>> make_engine(const std::string& engine, const Network& network,
                                                     std::string_view bytes, const std::string& name);

}  // namespace loopgate::inspection
