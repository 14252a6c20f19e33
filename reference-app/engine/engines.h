// The engines that this program was built with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/inference_engine.h"
#include "engine/network.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// By name; the first is the default.
std::vector<std::string> built_engines();

// `network` was read from `bytes`, the model file; failures refer to it as `name`. The call may take seconds;
// the engine has run once when it returns.
Result<std::unique_ptr<InferenceEngine>> make_engine(const std::string& engine, const Network& network,
                                                     std::string_view bytes, const std::string& name);

}  // namespace loopgate::inspection
