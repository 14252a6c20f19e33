// Reading .tflite files: what is read of them, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "engine/engines.h"
#include "formats/model_file.h"
#include "formats/model_limits.h"
#include "formats/tflite_file.h"
#include "tests/tflite_fixture.h"

namespace loopgate::inspection {
namespace {

std::string refusal(const std::string& bytes) {
  const Result<ModelFile> file = read_model_file(bytes, "m.tflite");
  if (file) return "not refused";
  EXPECT_EQ(file.error().exit_status, exit_model);
  return file.error().what;
}

std::string refusal(const TfliteModel& model) { return refusal(bytes_of(model)); }

// One convolution and a softmax of its mean.
TfliteModel small_model() {
  TfliteBuilder builder;
  const int picture = builder.input({1, 8, 8, 3}, 1.0F / 255, -128);
  const int flow = builder.convolution(picture, 4, 3, 2, true, 1);
  builder.output(builder.softmax(builder.dense(builder.pool(1, flow, 4, 4, false), 2)));
  return builder.model;
}

TfliteOperator* find(TfliteModel* model, std::int32_t code) {
  return &*std::ranges::find(model->operators, code, &TfliteOperator::code);
}

TEST(Tflite, TheSmallModelIsRead) {
  const Result<ModelFile> file = read_model_file(bytes_of(small_model()), "m");
  ASSERT_TRUE(file) << file.error().what;
  const Network& network = file->network;
  EXPECT_EQ(network.activations[network.input].shape, (Shape{1, 8, 8, 3}));
  EXPECT_EQ(network.activations[network.output].shape, (Shape{1, 2}));
  EXPECT_TRUE(file->input_is_bytes);
}

TEST(Tflite, APaddingBecomesThePadsOfItsConvolution) {
  TfliteBuilder builder;
  const int picture = builder.input({1, 8, 8, 3}, 1.0F / 255, -128);
  builder.output(builder.convolution(builder.pad(picture, {0, 0, 1, 2, 3, 0, 0, 0}), 4, 3, 1, false));
  const Result<ModelFile> file = read_model_file(bytes_of(builder.model), "m");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_EQ(file->network.layers.size(), 1U);
  const auto& layer = std::get<Convolution>(file->network.layers[0]);
  EXPECT_EQ(layer.window.pads, (std::array<std::uint32_t, 4>{1, 3, 2, 0}));
}

TEST(Tflite, WhatIsNoModelIsRefused) {
  EXPECT_EQ(refusal(""), "m.tflite: empty file");
  EXPECT_EQ(refusal("\x89PNG\r\n\x1a\n more of a picture"),
            "m.tflite: not a .tflite model (its bytes 4 to 7 are not TFL3)");
  EXPECT_EQ(refusal(std::string(largest_model_bytes + 1, 'x')),
            "m.tflite: 67108865 bytes, more than the limit of 67108864");
  TfliteModel model = small_model();
  model.version = 2;
  EXPECT_EQ(refusal(model), "m.tflite: a .tflite model of version 2; this program reads version 3");
  model.version = 3;
  model.subgraphs = 2;
  EXPECT_TRUE(refusal(model).starts_with("m.tflite: has 2 subgraphs, not one")) << refusal(model);
}

TEST(Tflite, EveryTruncationIsRefused) {
  const std::string whole = bytes_of(small_model());
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_NE(refusal(whole.substr(0, length)), "not refused") << length;
  EXPECT_EQ(refusal(whole.substr(0, whole.size() / 2)),
            "m.tflite: a damaged or truncated .tflite model: copy or export it again");
}

// One byte altered: it may still be a model, but reading it must end in one way or the other.
TEST(Tflite, EveryAlteredByteIsSurvived) {
  const std::string whole = bytes_of(small_model());
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const char mask : {'\x01', '\x10', '\x80', '\xff'}) {
      std::string altered = whole;
      altered[i] = static_cast<char>(altered[i] ^ mask);
      const Result<ModelFile> file = read_model_file(altered, "m.tflite");
      if (!file) {
        EXPECT_TRUE(file.error().what.starts_with("m.tflite: ")) << file.error().what;
        continue;
      }
      for (const std::string& engine : {"xnnpack", "integer"})
        static_cast<void>(make_engine(engine, file->network, altered, "m.tflite"));
    }
}

TEST(Tflite, OperatorsThatAreNotThereAreRefusedByName) {
  TfliteModel model = small_model();
  find(&model, 25)->code = 50;
  EXPECT_TRUE(refusal(model).starts_with("m.tflite: operator LOG_SOFTMAX (number 3) that gives \"flow"))
      << refusal(model);
  EXPECT_NE(refusal(model).find("is not supported; these are: DEQUANTIZE, ADD, AVERAGE_POOL_2D, CONV_2D"),
            std::string::npos)
      << refusal(model);
  find(&model, 50)->code = 32;
  find(&model, 32)->custom = "MyOperator";
  EXPECT_TRUE(refusal(model).starts_with("m.tflite: operator MyOperator (number 3)")) << refusal(model);
}

TEST(Tflite, FloatModelsAreRefused) {
  TfliteModel model = small_model();
  for (TfliteTensor& tensor : model.tensors)
    if (tensor.type == tflite::Type::int8) tensor.type = tflite::Type::float32;
  EXPECT_NE(refusal(model).find(" is float32, not int8: quantise the whole model with int8"),
            std::string::npos)
      << refusal(model);
}

TEST(Tflite, OtherEndsAreRefused) {
  TfliteModel model = small_model();
  model.inputs.push_back(0);
  EXPECT_TRUE(refusal(model).starts_with("m.tflite: has 2 inputs and 1 outputs, not one of each"))
      << refusal(model);
  model = small_model();
  model.tensors[0].open_shape = {-1, -1, -1, 3};
  EXPECT_TRUE(refusal(model).starts_with("m.tflite: its input \"flow0\" has no fixed shape"))
      << refusal(model);
  model.tensors[0].open_shape = {-1, 8, 8, 3};  // any number of pictures, of which one is taken
  EXPECT_EQ(refusal(model), "not refused");
  model.tensors[0].shape = {4, 8, 8, 3};
  EXPECT_TRUE(refusal(model).starts_with("m.tflite: its input \"flow0\" is 4x8x8x3: one picture"))
      << refusal(model);
  model = small_model();
  model.outputs = {0};
  EXPECT_EQ(refusal(model), "m.tflite: its output does not depend on its input");
}

TEST(Tflite, ShapesThatDoNotFitAreRefused) {
  TfliteModel model = small_model();
  model.tensors[static_cast<std::size_t>(find(&model, 3)->outputs[0])].shape = {1, 5, 4, 4};
  EXPECT_TRUE(refusal(model).ends_with("its output is 1x4x4x4, but the file says 1x5x4x4")) << refusal(model);
  model = small_model();
  model.tensors[static_cast<std::size_t>(find(&model, 3)->inputs[1])].shape = {4, 3, 3, 2};
  EXPECT_TRUE(refusal(model).ends_with("is 4x3x3x2, but has 108 values")) << refusal(model);
  model = small_model();
  find(&model, 3)->options.fields[1].value = 0;
  EXPECT_TRUE(refusal(model).ends_with("a stride, size or dilation of 0")) << refusal(model);
}

TEST(Tflite, OtherQuantisationsAreRefused) {
  TfliteModel model = small_model();
  TfliteTensor* weights = &model.tensors[static_cast<std::size_t>(find(&model, 3)->inputs[1])];
  weights->zero_points[2] = 4;
  EXPECT_TRUE(refusal(model).ends_with("is not 0: quantise the weights symmetrically")) << refusal(model);
  weights->zero_points[2] = 0;
  weights->axis = 3;
  EXPECT_NE(refusal(model).find("have 4 scales along axis 3, which do not fit 4x3x3x3"), std::string::npos)
      << refusal(model);
  for (const float scale : {0.0F, -1.0F, std::nanf(""), INFINITY}) {
    model = small_model();
    model.tensors[0].scales = {scale};
    EXPECT_TRUE(refusal(model).ends_with("is not above 0")) << refusal(model);
  }
  model = small_model();
  model.tensors[0].zero_points = {300};
  EXPECT_TRUE(refusal(model).ends_with("does not fit its type")) << refusal(model);
}

// Whatever a converter wrote beside a bias: its scale is the input's times the weights'.
TEST(Tflite, TheScaleOfABiasIsNotRead) {
  TfliteModel model = small_model();
  TfliteTensor* bias = &model.tensors[static_cast<std::size_t>(find(&model, 3)->inputs[2])];
  bias->scales = {1, 2, 3, 4};
  bias->axis = 3;
  EXPECT_EQ(refusal(model), "not refused");
}

// Found by the fuzzer: the library asks alignment of a vector's length alone, and values of 8 bytes may lie 4
// beside.
TEST(Tflite, ValuesThatLieAskewAreRefused) {
  TfliteModel model = small_model();
  model.tensors[0].zero_points = {1, 0};
  std::string bytes = bytes_of(model);
  const auto parsed = parse_tflite(bytes, "m.tflite");
  ASSERT_TRUE(parsed);
  const tflite::Quantisation& quantisation =
      *(*parsed)->subgraphs()->Get(0)->tensors()->Get(0)->quantisation();
  const std::uint8_t* place = quantisation.GetAddressOf(tflite::field(3));
  const auto at = static_cast<std::size_t>(place - reinterpret_cast<const std::uint8_t*>(bytes.data()));
  std::uint32_t offset = 0;
  std::memcpy(&offset, bytes.data() + at, sizeof offset);
  offset += 4;  // the first value, 1, is the length then
  std::memcpy(bytes.data() + at, &offset, sizeof offset);
  EXPECT_NE(refusal(bytes).find("a damaged or truncated .tflite model"), std::string::npos) << refusal(bytes);
}

// The same buffer for many tensors would make a small file large.
TEST(Tflite, ConstantsThatAreUsedAgainAndAgainAreRefused) {
  TfliteBuilder builder;
  int flow = builder.input({1, 4}, 0.01F, 0);
  flow = builder.dense(flow, 4000);
  const TfliteOperator once = builder.model.operators[0];
  for (int i = 0; i < 40; ++i) {
    TfliteTensor to = builder.model.tensors[static_cast<std::size_t>(flow)];
    builder.model.tensors.push_back(to);
    builder.model.operators.push_back(once);
    builder.model.operators.back().outputs = {static_cast<std::int32_t>(builder.model.tensors.size()) - 1};
  }
  builder.output(flow);
  EXPECT_NE(refusal(builder.model).find("uses constants again and again"), std::string::npos)
      << refusal(builder.model);
}

TEST(Tflite, AUint8InputIsTakenOverByItsQuantisation) {
  TfliteModel model = small_model();
  TfliteTensor from = model.tensors[0];
  from.type = tflite::Type::uint8;
  from.zero_points = {0};
  model.tensors.push_back(from);
  const auto number = static_cast<std::int32_t>(model.tensors.size()) - 1;
  model.operators.insert(model.operators.begin(), {114, {number}, {0}});
  model.inputs = {number};
  EXPECT_EQ(refusal(model), "not refused");
  model.tensors.back().type = tflite::Type::float32;
  EXPECT_EQ(refusal(model), "not refused");
  model.tensors.back().type = tflite::Type::uint8;
  model.tensors.back().zero_points = {5};
  EXPECT_TRUE(
      refusal(model).ends_with("its input is uint8 of another scale: convert the model with an int8 input"))
      << refusal(model);
}

}  // namespace
}  // namespace loopgate::inspection
