// Small int8 .tflite models, made on the spot, whole or with something wrong.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "formats/tflite_schema.h"

namespace loopgate::inspection {

// A field of an operator's options: its width in bytes and its value.
struct TfliteField {
  int width;
  std::int32_t value;
};

struct TfliteOptions {
  tflite::OptionsType type = tflite::OptionsType::none;
  std::vector<TfliteField> fields = {};
};

struct TfliteTensor {
  std::string name;
  std::vector<std::int32_t> shape;
  tflite::Type type = tflite::Type::int8;
  std::vector<float> scales = {};
  std::vector<std::int64_t> zero_points = {};
  std::int32_t axis = 0;
  std::string data = {};  // of a constant
  std::vector<std::int32_t> open_shape = {};
};

struct TfliteOperator {
  std::int32_t code;
  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
  TfliteOptions options = {};
  std::string custom = {};
};

// What a file has, to be altered before it is written.
struct TfliteModel {
  std::vector<TfliteTensor> tensors = {};
  std::vector<TfliteOperator> operators = {};
  std::vector<std::int32_t> inputs = {};
  std::vector<std::int32_t> outputs = {};
  std::uint32_t version = 3;
  int subgraphs = 1;
};

std::string bytes_of(const TfliteModel& model);

// Adds operators one after the other; weights are drawn from a fixed seed.
class TfliteBuilder {
 public:
  TfliteModel model;

  int input(const std::vector<std::int32_t>& shape, float scale, int zero_point);
  int convolution(int from, int out, int kernel, int stride, bool same, int activation = 0);
  int depthwise(int from, int kernel, int stride, bool same, int activation = 0);
  int dense(int from, int out);
  int pool(int code, int from, int size, int stride, bool same);
  int binary(int code, int first, int second, int activation = 0);
  int unary(int code, int from, float scale, int zero_point);
  int pad(int from, const std::vector<std::int32_t>& pads);
  int transpose(int from, const std::vector<std::int32_t>& order);
  int mean(int from, const std::vector<std::int32_t>& axes, bool keep);
  int reshape(int from, const std::vector<std::int32_t>& shape);
  int softmax(int from);
  int row(int count, float scale);  // a constant
  void output(int from) { model.outputs = {from}; }

 private:
  int tensor(TfliteTensor tensor);
  int activation(const std::vector<std::int32_t>& shape, float scale, int zero_point);
  int integers(const std::vector<std::int32_t>& values, const std::vector<std::int32_t>& shape);
  int weights(const std::vector<std::int32_t>& shape, int axis);
  int bias(int out);
  int apply(int code, const std::vector<std::int32_t>& inputs, int output, const TfliteOptions& options = {});
  std::string draw(std::size_t count, int limit);

  std::mt19937 random_{21};
};

// Every operator that is understood.
TfliteModel tflite_model_of_all_operators();

}  // namespace loopgate::inspection
