// Reading ONNX files in QDQ form: folded into the same layers as the operator form.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engine/engines.h"
#include "formats/model_file.h"
#include "tests/plain_network.h"
#include "tests/qdq_fixture.h"
#include "tests/refused_model.h"

namespace loopgate::inspection {
namespace {

std::vector<std::int8_t> random_picture(std::mt19937* random, std::size_t size) {
  std::vector<std::int8_t> picture(size);
  for (std::int8_t& value : picture) value = static_cast<std::int8_t>((*random)());
  return picture;
}

class Qdq : public testing::TestWithParam<std::string> {};

TEST_P(Qdq, ComputesWhatPlainLoopsCompute) {
  for (const bool of_uint8 : {false, true}) {
    const std::string bytes = bytes_of(qdq_model_of_all_operators(of_uint8));
    const Result<ModelFile> file = read_model_file(bytes, "m.onnx");
    ASSERT_TRUE(file) << file.error().what;
    const auto engine = make_engine(GetParam(), file->network, bytes, "m.onnx");
    ASSERT_TRUE(engine) << engine.error().what;
    PlainNetwork plain(file->network);
    std::mt19937 random(7);
    int least = 127, most = -128;
    for (int i = 0; i < 20; ++i) {
      const std::vector<std::int8_t> picture = random_picture(&random, (*engine)->picture().size());
      std::ranges::copy(picture, (*engine)->picture().begin());
      ASSERT_TRUE((*engine)->run());
      const std::vector<std::int8_t> expected = plain.run(picture);
      for (std::size_t at = 0; at < 3; ++at) EXPECT_NEAR((*engine)->output()[at], expected[at], 6);
      least = std::min<int>(least, expected[0]);
      most = std::max<int>(most, expected[0]);
    }
    EXPECT_GT(most, least) << "the test's network says the same of every picture";
  }
}

INSTANTIATE_TEST_SUITE_P(Built, Qdq, testing::ValuesIn(built_engines()),
                         [](const auto& one) { return one.param; });

// uint8 is int8 with other names for its values.
TEST(QdqFile, OfUint8IsTheSameNetwork) {
  const auto network = [](bool of_uint8) {
    return read_model_file(bytes_of(qdq_model_of_all_operators(of_uint8)), "m.onnx")->network;
  };
  const Network some = network(false), other = network(true);
  ASSERT_EQ(some.activations.size(), other.activations.size());
  for (std::size_t i = 0; i < some.activations.size(); ++i) {
    EXPECT_EQ(some.activations[i].zero_point, other.activations[i].zero_point);
    EXPECT_EQ(some.activations[i].shape, other.activations[i].shape);
  }
}

// The file's pictures are channels first. Values that are told apart by their places show whether a reshape
// or a transposition keeps the file's order.
TEST(QdqFile, PicturesAreReshapedInTheFilesOrder) {
  for (const bool transposed : {false, true}) {
    QdqBuilder builder;
    Flow flow = builder.input(2, 2, 3);
    if (transposed) flow = builder.moved("Transpose", flow, {1, 2, 2, 3});
    flow = builder.moved("Flatten", flow, {1, 12});
    builder.output(flow);
    const std::string bytes = bytes_of(builder.builder.model);
    const Result<ModelFile> file = read_model_file(bytes, "m.onnx");
    ASSERT_TRUE(file) << file.error().what;
    const auto engine = make_engine("integer", file->network, bytes, "m.onnx");
    ASSERT_TRUE(engine) << engine.error().what;
    // The engine's pictures are channels last: the value says channel and place.
    const std::vector<std::int8_t> picture = {0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23};
    std::ranges::copy(picture, (*engine)->picture().begin());
    ASSERT_TRUE((*engine)->run());
    const std::vector<std::int8_t> output((*engine)->output().begin(), (*engine)->output().end());
    EXPECT_EQ(output,
              transposed ? picture : (std::vector<std::int8_t>{0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23}));
  }
}

TEST(QdqFile, WhatIsNotQuantisedIsRefused) {
  QdqBuilder builder;
  Flow flow = builder.input(8, 8, 3);
  flow = builder.convolution(flow, {.out = 4, .kernel = 3}, {"Relu"});
  builder.output(builder.moved("Flatten", flow, {1, 144}));
  ASSERT_EQ(refusal_of(builder.builder.model), "not refused");
  onnx::ModelProto model = builder.builder.model;
  builder.find("Relu")->set_op_type("Elu");
  EXPECT_NE(refusal_of(builder.builder.model).find("operator Elu takes its output"), std::string::npos)
      << refusal_of(builder.builder.model);
  builder.builder.model = model;
  builder.find("Conv")->set_input(1, builder.builder.floats(std::vector<float>(108, 0.1F), false));
  EXPECT_NE(refusal_of(builder.builder.model)
                .find("are not a dequantised int8 constant: quantise the weights, too"),
            std::string::npos)
      << refusal_of(builder.builder.model);
}

// Found by the fuzzer: an activation function that reads its own output was followed without end.
TEST(QdqFile, ACircleIsRefused) {
  QdqBuilder builder;
  Flow flow = builder.convolution(builder.input(8, 8, 3), {.out = 4, .kernel = 3}, {"Relu"});
  builder.output(builder.moved("Flatten", flow, {1, 144}));
  onnx::NodeProto* relu = builder.find("Relu");
  relu->set_output(0, relu->input(0));
  EXPECT_NE(refusal_of(builder.builder.model).find("the graph goes in a circle"), std::string::npos)
      << refusal_of(builder.builder.model);
}

TEST(QdqFile, AFloatModelIsRefused) {
  ModelBuilder builder;
  builder.input(224, 224, 0.01F, 0, 3);
  onnx::NodeProto* node = builder.model.mutable_graph()->mutable_node(0);
  node->set_op_type("Relu");
  node->mutable_input()->DeleteSubrange(1, 2);
  *builder.model.mutable_graph()->add_output() = builder.model.graph().input(0);
  EXPECT_TRUE(
      refusal_of(builder.model)
          .ends_with(
              ": the network's input \"image\" is 1x3x224x224 of float, and is not quantised before it: "
              "quantise the model to int8 (onnxruntime's quantize_static)"))
      << refusal_of(builder.model);
}

TEST(QdqFile, AnAverageOverADilatedWindowIsRefused) {
  QdqBuilder builder;
  builder.output(builder.unary("AveragePool", builder.input(8, 8, 3), {1, 3, 8, 8}, 0.02F, -14));
  onnx::ModelProto* model = &builder.builder.model;
  set_attribute(builder.find("AveragePool"), "dilations", {1, 1});
  EXPECT_EQ(refusal_of(*model), "not refused");
  onnx::AttributeProto* dilations = builder.find("AveragePool")->mutable_attribute(2);
  ASSERT_EQ(dilations->name(), "dilations");
  dilations->set_ints(0, 2);
  EXPECT_TRUE(refusal_of(*model).starts_with("m.onnx: operator AveragePool that gives \""))
      << refusal_of(*model);
  EXPECT_TRUE(refusal_of(*model).ends_with(
      "): its dilations are 2 and 1: averages over a dilated window are not supported"))
      << refusal_of(*model);
}

TEST(QdqFile, EveryAlteredByteIsSurvived) {
  const std::string whole = bytes_of(qdq_model_of_all_operators(false));
  for (std::size_t i = 0; i < whole.size(); i += 3)
    for (const char mask : {'\x01', '\x80'}) {
      std::string altered = whole;
      altered[i] = static_cast<char>(altered[i] ^ mask);
      const Result<ModelFile> file = read_model_file(altered, "m.onnx");
      if (!file) EXPECT_TRUE(file.error().what.starts_with("m.onnx: ")) << file.error().what;
    }
}

}  // namespace
}  // namespace loopgate::inspection
