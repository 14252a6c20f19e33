// Reads a model file of any format that is understood.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/network.h"
#include "inspection/error.h"

namespace loopgate::inspection {

struct ModelFile {
  Network network;
  std::map<std::string, std::string> metadata;  // of ONNX; .tflite has none that is read
  // Whether the input's 256 values are the 256 greys, as TensorFlow's tools have it; PyTorch's quantise
  // numbers, of which white is 1.
  bool input_is_bytes = false;
};

// ONNX or .tflite, by its content; `name` is the file's, for failures. Fails with exit_model.
Result<ModelFile> read_model_file(std::string_view bytes, const std::string& name);

}  // namespace loopgate::inspection
