// Reads one node of an ONNX graph: its inputs, constants and attributes. Anything unexpected throws a
// Refusal; the caller that reads all nodes catches it and adds which node it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/refusal.h"
#include "formats/onnx_file.h"

namespace loopgate::inspection {

class NodeReader {
 public:
  NodeReader(const OnnxFile& file, const OnnxNode& node) : file_(file), node_(node) {}

  [[noreturn]] static void refuse(const std::string& why) { throw Refusal{why}; }

  const OnnxNode& node() const { return node_; }
  const std::string& operation() const { return node_.operation; }

  // Inputs, by their place in the operator's definition.

  bool has(std::size_t index) const;
  bool is_constant(std::size_t index) const;
  const std::string& input(std::size_t index) const;
  const std::string& output() const;
  const OnnxTensor& constant(std::size_t index) const;
  const OnnxTensor& constant(std::size_t index, TensorType type) const;
  float scale(std::size_t index) const;
  // One value, or `channels`.
  std::vector<float> scales(std::size_t index, std::size_t channels) const;
  // The type of what the operator quantises, and so of the zero point number `index`, if there is one.
  TensorType type_of_quantised(std::size_t index) const;
  // Of int8; of uint8 what it is once 128 is taken from every value. Where there is none, it is 0 of that
  // type.
  int zero_point(std::size_t index, TensorType type) const;
  // The values of an int8 tensor; those of a uint8 tensor less 128.
  const std::vector<std::int8_t>& int8(std::size_t index) const;
  // The engine's kernels support symmetric weights only. Where there is no zero point, it is 0 of that type.
  void all_zero(std::size_t index, TensorType type) const;

  // The constant is 0, or the zero point of an int8 tensor.
  void zero(std::size_t index, int zero_point) const;

  // Attributes.

  std::int64_t integer(const char* name, std::int64_t otherwise) const;
  // Empty where the attribute is missing.
  std::vector<std::int64_t> list(const char* name) const;
  float number(const char* name, float otherwise) const;
  // `count` numbers from `least` to 1024; each is `otherwise` if the attribute is missing.
  std::vector<std::uint32_t> integers(const char* name, std::size_t count, std::int64_t least,
                                      std::uint32_t otherwise) const;
  // The attribute must be missing or have this value.
  void only(const char* name, std::int64_t value) const;
  void only(const char* name, const std::string& value) const;
  void only(const char* name, float value) const;

 private:
  float checked_scale(float value, const std::string& name) const;

  const OnnxFile& file_;
  const OnnxNode& node_;
};

}  // namespace loopgate::inspection
