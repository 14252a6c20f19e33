// Small ONNX models with QuantizeLinear and DequantizeLinear around their operators, as PyTorch's and
// onnxruntime's tools write them.
#pragma once

#include <string>
#include <vector>

#include "tests/model_fixture.h"

namespace loopgate::inspection {

// Relu, or Clip with these limits; nothing where it has no name.
struct ActivationFunction {
  std::string name = "";
  float low = 0;
  float high = 0;
};

class QdqBuilder {
 public:
  explicit QdqBuilder(bool of_uint8 = false) : uint8_(of_uint8) {}

  Flow input(int height, int width, int channels);
  Flow convolution(const Flow& from, const ConvolutionShape& shape, const ActivationFunction& function = {});
  Flow binary(const std::string& operation, const Flow& first, const Flow& second,
              const ActivationFunction& function = {});
  // Any operator of one tensor: `shape` is its output's.
  Flow unary(const std::string& operation, const Flow& from, const std::vector<std::int64_t>& shape,
             float scale, int zero_point, const ActivationFunction& function = {});
  // One that only moves values, whose output is not quantised anew.
  Flow moved(const std::string& operation, const Flow& from, const std::vector<std::int64_t>& shape,
             const std::vector<std::string>& more = {});
  Flow gemm(const Flow& from, const std::vector<int>& weights, int out);
  Flow product(const Flow& from, int out);
  void softmax_output(const Flow& from);
  void output(const Flow& from) { describe_output(numbers(from), from.shape); }

  onnx::NodeProto* last() {
    return builder.model.mutable_graph()->mutable_node(builder.model.graph().node_size() - 1);
  }
  onnx::NodeProto* find(const std::string& operation);

  ModelBuilder builder;

  // What DequantizeLinear makes of it; and what QuantizeLinear does.
  std::string numbers(const Flow& from);
  Flow quantised(const std::string& tensor, const std::vector<std::int64_t>& shape, float scale,
                 int zero_point);
  std::string cut(const std::string& tensor, const ActivationFunction& function);
  std::string fresh() { return "n" + std::to_string(++names_); }

 private:
  std::string weights(const std::vector<std::int64_t>& dims, std::size_t channels);
  std::string zero(int value);
  void describe_output(const std::string& name, const std::vector<std::int64_t>& shape);

  bool uint8_;
  int names_ = 0;
  std::mt19937 random_{22};
};

void set_attribute(onnx::NodeProto* node, const std::string& name, const std::vector<std::int64_t>& values);

onnx::ModelProto qdq_model_of_all_operators(bool of_uint8);

}  // namespace loopgate::inspection
