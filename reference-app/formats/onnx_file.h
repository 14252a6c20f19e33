// The parts of an ONNX file that the engines read, as plain data, without the meaning of its operators.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/model_limits.h"
#include "inspection/error.h"

namespace loopgate::inspection {

enum class TensorType { float32, int8, uint8, int32, int64 };

const char* name_of(TensorType type);

// A constant. Exactly one of the vectors holds its values.
struct OnnxTensor {
  std::string name;
  TensorType type = TensorType::float32;
  std::vector<std::int64_t> dims;
  std::vector<float> floats;           // float32
  std::vector<std::int8_t> bytes;      // int8; of uint8 what it is once 128 is taken from every value
  std::vector<std::int64_t> integers;  // int32, int64
};

struct OnnxNode {
  std::string operation;  // with its domain unless it is ONNX's: "com.microsoft.QLinearAdd"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::map<std::string, std::vector<std::int64_t>> integers;  // attributes; a single one is a list of one
  std::map<std::string, float> floats;
  std::map<std::string, std::string> texts;
};

// An input or output of the graph; a dimension that the file leaves open is -1.
struct OnnxValue {
  std::string name;
  bool is_float = false;
  std::vector<std::int64_t> dims;
};

struct OnnxFile {
  std::size_t bytes = 0;  // its size
  std::map<std::string, std::string> metadata;
  std::vector<OnnxNode> nodes;  // in the order in which they run
  std::map<std::string, OnnxTensor> constants;
  std::vector<OnnxValue> inputs;
  std::vector<OnnxValue> outputs;
};

// Failures refer to the file as `name`. Fails with exit_model.
Result<OnnxFile> parse_onnx(std::string_view bytes, const std::string& name);

}  // namespace loopgate::inspection
