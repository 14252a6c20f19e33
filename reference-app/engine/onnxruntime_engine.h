// ONNX Runtime, one thread. It allocates in run() (650 to 830 times per frame), so it is not meant for the
// loop, but as a reference for the default engine.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/inference_engine.h"
#include "engine/network.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// `bytes` is the ONNX file that `network` was read from.
Result<std::unique_ptr<InferenceEngine>> make_onnxruntime_engine(const Network& network,
                                                                 std::string_view bytes,
                                                                 const std::string& name);

}  // namespace loopgate::inspection
