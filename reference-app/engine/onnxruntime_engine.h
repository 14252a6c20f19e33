// ONNX Runtime, one thread. It allocates in run() (650 to 830 times a frame), so it is no engine for the
// loop: it is what the default engine is held against.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/inference_engine.h"
#include "engine/network.h"
#include "inspection/problem.h"

namespace loopgate::inspection {

// `bytes` is the ONNX file that `network` was read from.
Result<std::unique_ptr<InferenceEngine>> make_onnxruntime_engine(const Network& network,
                                                                 std::string_view bytes,
                                                                 const std::string& name);

}  // namespace loopgate::inspection
