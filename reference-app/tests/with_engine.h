// A model of a test, read and given to an engine.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "engine/engines.h"
#include "formats/model_file.h"
#include "tests/model_fixture.h"

namespace loopgate::inspection {

// Fails the test where the model is refused, and does nothing then.
inline void with_engine(const onnx::ModelProto& model, const std::string& engine_name,
                        const std::function<void(InferenceEngine&)>& use) {
  const std::string bytes = bytes_of(model);
  const Result<ModelFile> file = read_model_file(bytes, "m.onnx");
  ASSERT_TRUE(file) << file.error().what;
  const auto engine = make_engine(engine_name, file->network, bytes, "m.onnx");
  ASSERT_TRUE(engine) << engine.error().what;
  use(**engine);
}

}  // namespace loopgate::inspection
