// Small int8 ONNX models, made on the spot, whole or with something wrong.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "onnx.pb.h"

namespace loopgate::inspection {

// What flows between two operators.
struct Flow {
  std::string name;
  std::vector<std::int64_t> shape;
  float scale;
  int zero_point;
};

struct ConvolutionShape {
  int out = 1;
  int kernel = 1;
  int groups = 1;
  std::vector<std::int64_t> pads = {0, 0, 0, 0};
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  bool per_channel = true;
};

// Builds a model operator by operator; weights are drawn from a fixed seed, and the scales are such that the
// values neither vanish nor saturate.
class ModelBuilder {
 public:
  ModelBuilder();

  Flow input(int height, int width, float scale, int zero_point, int channels = 1);
  Flow convolution(const Flow& from, const ConvolutionShape& shape);
  Flow add(const Flow& first, const Flow& second);
  Flow mean(const Flow& from);
  Flow flatten(const Flow& from);
  Flow reshape(const Flow& from, const std::vector<std::int64_t>& to);
  Flow matrix_product(const Flow& from, int out);
  Flow add_row(const Flow& from);
  Flow gemm(const Flow& from, const std::vector<int>& weights, float weights_scale,
            const std::vector<int>& bias, float scale, int zero_point, bool transposed);
  void output(const Flow& from);

  onnx::NodeProto* node(const std::string& operation, const std::string& domain,
                        const std::vector<std::string>& inputs, const std::string& output);
  std::string floats(const std::vector<float>& values, bool single = true);
  std::string int8(const std::vector<int>& values, const std::vector<std::int64_t>& dims);
  std::string int32(const std::vector<int>& values);
  std::string int64(const std::vector<std::int64_t>& values);

  onnx::ModelProto model;

 private:
  onnx::TensorProto* constant(int type, const std::vector<std::int64_t>& dims);
  std::vector<int> draw(std::size_t count, int limit);
  std::string fresh(const std::string& stem) { return stem + std::to_string(++names_); }

  int names_ = 0;
  std::mt19937 random_{20};
};

// Says OK for a picture whose mean grey is above `threshold` (0 to 1), else NG.
onnx::ModelProto brightness_model(float threshold = 0.5F, int side = 96);

// Every operator that is understood, in every form of it.
onnx::ModelProto model_of_all_operators();

std::string bytes_of(const onnx::ModelProto& model);

}  // namespace loopgate::inspection
