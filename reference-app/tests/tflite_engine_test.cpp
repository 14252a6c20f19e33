// What the engines compute of .tflite files.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engine/engines.h"
#include "formats/model_file.h"
#include "tests/plain_network.h"
#include "tests/tflite_fixture.h"

namespace loopgate::inspection {
namespace {

class TfliteEngine : public testing::TestWithParam<std::string> {};

TEST_P(TfliteEngine, ComputesWhatPlainLoopsCompute) {
  if (GetParam() == "onnxruntime") GTEST_SKIP() << "onnxruntime takes ONNX files only";
  const std::string bytes = bytes_of(tflite_model_of_all_operators());
  const Result<ModelFile> file = read_model_file(bytes, "m.tflite");
  ASSERT_TRUE(file) << file.error().what;
  const auto engine = make_engine(GetParam(), file->network, bytes, "m.tflite");
  ASSERT_TRUE(engine) << engine.error().what;
  PlainNetwork plain(file->network);
  std::mt19937 random(7);
  int least = 127, most = -128;
  for (int i = 0; i < 20; ++i) {
    std::vector<std::int8_t> picture((*engine)->picture().size());
    for (std::int8_t& value : picture) value = static_cast<std::int8_t>(random());
    std::ranges::copy(picture, (*engine)->picture().begin());
    ASSERT_TRUE((*engine)->run());
    const std::vector<std::int8_t> expected = plain.run(picture);
    ASSERT_EQ((*engine)->output().size(), expected.size());
    // Sixteen roundings on the way, each of which may fall on the other side.
    for (std::size_t at = 0; at < expected.size(); ++at)
      EXPECT_NEAR((*engine)->output()[at], expected[at], 6);
    least = std::min<int>(least, expected[0]);
    most = std::max<int>(most, expected[0]);
  }
  EXPECT_GT(most, least) << "the test's network says the same of every picture";
}

INSTANTIATE_TEST_SUITE_P(Built, TfliteEngine, testing::ValuesIn(built_engines()),
                         [](const auto& one) { return one.param; });

// A reshaping makes several pictures of one: each is computed.
TEST_P(TfliteEngine, ComputesEveryPictureOfABatch) {
  if (GetParam() == "onnxruntime") GTEST_SKIP() << "onnxruntime takes ONNX files only";
  TfliteBuilder builder;
  int flow = builder.reshape(builder.input({1, 16, 8, 4}, 1.0F / 128, -1), {4, 8, 4, 4});
  flow = builder.convolution(flow, 6, 3, 1, true, 1);
  flow = builder.depthwise(flow, 3, 1, true);
  flow = builder.pool(17, flow, 2, 1, true);
  flow = builder.pool(1, flow, 2, 2, false);
  builder.output(builder.mean(flow, {1}, false));
  const std::string bytes = bytes_of(builder.model);
  const Result<ModelFile> file = read_model_file(bytes, "m.tflite");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_EQ(file->network.activations[file->network.output].shape, (Shape{4, 2, 6}));
  const auto engine = make_engine(GetParam(), file->network, bytes, "m.tflite");
  ASSERT_TRUE(engine) << engine.error().what;
  PlainNetwork plain(file->network);
  std::mt19937 random(8);
  std::vector<std::int8_t> picture((*engine)->picture().size());
  for (std::int8_t& value : picture) value = static_cast<std::int8_t>(random());
  std::ranges::copy(picture, (*engine)->picture().begin());
  ASSERT_TRUE((*engine)->run());
  const std::vector<std::int8_t> expected = plain.run(picture);
  ASSERT_EQ((*engine)->output().size(), expected.size());
  for (std::size_t at = 0; at < expected.size(); ++at)
    EXPECT_NEAR((*engine)->output()[at], expected[at], 3) << at;
  for (std::size_t n = 1; n < 4; ++n)
    EXPECT_FALSE(std::equal(expected.begin(), expected.begin() + 12,
                            expected.begin() + static_cast<std::ptrdiff_t>(12 * n)));
}

// The same model with its input made int8 twice, once for each operator that reads it.
TEST_P(TfliteEngine, TakesAnInputThatIsMadeInt8Twice) {
  if (GetParam() == "onnxruntime") GTEST_SKIP() << "onnxruntime takes ONNX files only";
  std::vector<std::vector<std::int8_t>> outputs;
  for (const bool twice : {false, true}) {
    TfliteBuilder builder;
    const int picture = builder.input({1, 8, 8, 3}, 1.0F / 255, -128);
    const int first = builder.convolution(picture, 4, 3, 1, true);
    const int second = builder.convolution(picture, 4, 3, 1, true);
    builder.output(builder.binary(0, first, second));
    TfliteModel& model = builder.model;
    TfliteTensor from = model.tensors[0], again = model.tensors[0];
    from.type = tflite::Type::float32;
    model.tensors.push_back(from);
    model.tensors.push_back(again);
    const auto number = static_cast<std::int32_t>(model.tensors.size()) - 2;
    if (twice) model.operators[1].inputs[0] = number + 1;
    model.operators.insert(model.operators.begin(), {{114, {number}, {0}}, {114, {number}, {number + 1}}});
    model.inputs = {number};
    const std::string bytes = bytes_of(model);
    const Result<ModelFile> file = read_model_file(bytes, "m.tflite");
    ASSERT_TRUE(file) << file.error().what;
    const auto engine = make_engine(GetParam(), file->network, bytes, "m.tflite");
    ASSERT_TRUE(engine) << engine.error().what;
    std::int8_t next = 0;
    for (std::int8_t& value : (*engine)->picture()) value = next = static_cast<std::int8_t>(next + 37);
    ASSERT_TRUE((*engine)->run());
    outputs.emplace_back((*engine)->output().begin(), (*engine)->output().end());
    model.tensors[static_cast<std::size_t>(number + 1)].scales = {0.5F};
    const Result<ModelFile> other = read_model_file(bytes_of(model), "m.tflite");
    ASSERT_FALSE(other);
    EXPECT_NE(
        other.error().what.find("makes int8 of the network's input at another scale or zero point than"),
        std::string::npos)
        << other.error().what;
  }
  EXPECT_EQ(outputs[0], outputs[1]);
}

}  // namespace
}  // namespace loopgate::inspection
