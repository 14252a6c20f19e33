// Why the readers refuse a model.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "formats/model_file.h"
#include "tests/model_fixture.h"

namespace loopgate::inspection {

inline std::string refusal_of(const onnx::ModelProto& model) {
  const Result<ModelFile> file = read_model_file(bytes_of(model), "m.onnx");
  if (file) return "not refused";
  EXPECT_EQ(file.error().exit_status, exit_model);
  return file.error().what;
}

}  // namespace loopgate::inspection
