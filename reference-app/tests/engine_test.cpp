// Reading ONNX files, and the engines: what they compute, and what they refuse.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "engine/engines.h"
#include "engine/network.h"
#include "formats/model_file.h"
#include "formats/model_limits.h"
#include "formats/onnx_file.h"
#include "inspection/allocation_count.h"
#include "tests/model_fixture.h"
#include "tests/plain_network.h"

namespace loopgate::inspection {
namespace {

Result<Network> read(const std::string& bytes) {
  Result<ModelFile> file = read_model_file(bytes, "m.onnx");
  if (!file) return tl::unexpected(file.error());
  return std::move(file->network);
}

std::string refusal(const std::string& bytes) {
  const Result<Network> network = read(bytes);
  if (network) return "not refused";
  EXPECT_EQ(network.error().exit_status, exit_model);
  return network.error().what;
}

std::string refusal(const onnx::ModelProto& model) { return refusal(bytes_of(model)); }

// The operator of this kind, number `which` of them.
onnx::NodeProto* find(onnx::ModelProto* model, const std::string& operation, int which = 0) {
  for (onnx::NodeProto& node : *model->mutable_graph()->mutable_node())
    if (node.op_type() == operation && which-- == 0) return &node;
  return nullptr;
}

onnx::TensorProto* constant(onnx::ModelProto* model, const std::string& name) {
  for (onnx::TensorProto& tensor : *model->mutable_graph()->mutable_initializer())
    if (tensor.name() == name) return &tensor;
  return nullptr;
}

std::vector<std::int8_t> random_picture(std::mt19937* random, std::size_t size) {
  std::vector<std::int8_t> picture(size);
  for (std::int8_t& value : picture) value = static_cast<std::int8_t>((*random)());
  return picture;
}

class Engine : public testing::TestWithParam<std::string> {};

TEST_P(Engine, ComputesWhatPlainLoopsCompute) {
  const std::string bytes = bytes_of(model_of_all_operators());
  const Result<Network> network = read(bytes);
  ASSERT_TRUE(network) << network.error().what;
  const auto engine = make_engine(GetParam(), *network, bytes, "m.onnx");
  ASSERT_TRUE(engine) << engine.error().what;
  PlainNetwork plain(*network);
  std::mt19937 random(7);
  int least = 127, most = -128;
  for (int i = 0; i < 20; ++i) {
    const std::vector<std::int8_t> picture = random_picture(&random, (*engine)->picture().size());
    const std::vector<std::int8_t> expected = plain.run(picture);
    std::ranges::copy(picture, (*engine)->picture().begin());
    ASSERT_TRUE((*engine)->run());
    ASSERT_EQ((*engine)->output().size(), expected.size());
    // Nine roundings on the way: each may fall on the other side by the engine's single precision.
    EXPECT_NEAR((*engine)->output()[0], expected[0], 1);
    EXPECT_NEAR((*engine)->output()[1], expected[1], 1);
    least = std::min<int>(least, expected[0]);
    most = std::max<int>(most, expected[0]);
  }
  EXPECT_GT(most, least) << "the test's network says the same of every picture";
  EXPECT_GT(least, -128);
  EXPECT_LT(most, 127);
}

TEST_P(Engine, DecidesByBrightness) {
  const std::string bytes = bytes_of(brightness_model());
  const Result<Network> network = read(bytes);
  ASSERT_TRUE(network) << network.error().what;
  const auto engine = make_engine(GetParam(), *network, bytes, "m.onnx");
  ASSERT_TRUE(engine) << engine.error().what;
  ASSERT_EQ((*engine)->picture().size(), 9216U);
  std::ranges::fill((*engine)->picture(), std::int8_t{100});
  ASSERT_TRUE((*engine)->run());
  ASSERT_EQ((*engine)->output().size(), 2U);
  EXPECT_NEAR((*engine)->output()[0], 50 - 10000.0 / 127, 1.1);  // in steps of 0.01
  EXPECT_NEAR((*engine)->output()[1], 10000.0 / 127 - 50, 1.1);
}

TEST_P(Engine, IsNamedAsItIsAskedFor) {
  const std::string bytes = bytes_of(brightness_model());
  EXPECT_EQ((*make_engine(GetParam(), *read(bytes), bytes, "m.onnx"))->name(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Built, Engine, testing::ValuesIn(built_engines()),
                         [](const auto& one) { return one.param; });

TEST(Engine, ThatWasNotBuiltIsRefused) {
  const std::string bytes = bytes_of(brightness_model());
  EXPECT_EQ(make_engine("abacus", *read(bytes), bytes, "m.onnx").error().what,
            "this program was built without the engine abacus");
}

TEST(Engine, TheDefaultAllocatesNothingInRun) {
  if (!allocations_so_far()) GTEST_SKIP() << "this build does not count allocations";
  const std::string bytes = bytes_of(model_of_all_operators());
  const auto engine = make_engine(built_engines().front(), *read(bytes), bytes, "m.onnx");
  const std::uint64_t before = *allocations_so_far();
  for (int i = 0; i < 10; ++i) static_cast<void>((*engine)->run());
  EXPECT_EQ(*allocations_so_far() - before, 0U);
  const auto counted = std::make_unique<int>(0);
  asm volatile("" : : "r"(counted.get()) : "memory");  // or the compiler leaves it out
  EXPECT_EQ(*allocations_so_far() - before, 1U) << "the counter does not count";
}

TEST(OnnxFile, ReadsMetadata) {
  const Result<OnnxFile> file = parse_onnx(bytes_of(brightness_model()), "m.onnx");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->metadata.at("classes"), "NG,OK");
  EXPECT_EQ(file->metadata.at("version"), "7");
}

TEST(OnnxFile, RefusesWhatIsNoModel) {
  EXPECT_EQ(refusal(""), "m.onnx: empty file");
  EXPECT_EQ(refusal("\x89PNG\r\n\x1a\n more of a picture"), "m.onnx: not an ONNX model, or truncated");
  EXPECT_EQ(refusal(std::string(1000, '\0')), "m.onnx: not an ONNX model, or truncated");
  EXPECT_EQ(refusal(onnx::ModelProto()), "m.onnx: empty file");
  onnx::ModelProto no_graph;
  no_graph.set_ir_version(8);
  EXPECT_EQ(refusal(no_graph), "m.onnx: not an ONNX model");
  EXPECT_EQ(refusal(std::string(largest_model_bytes + 1, 'x')),
            "m.onnx: 67108865 bytes, more than the limit of 67108864");
}

TEST(OnnxFile, RefusesEveryTruncation) {
  const std::string whole = bytes_of(model_of_all_operators());
  for (std::size_t length = 0; length < whole.size(); length += 7)
    EXPECT_NE(refusal(whole.substr(0, length)), "not refused") << length;
  EXPECT_EQ(refusal(whole.substr(0, whole.size() / 2)), "m.onnx: not an ONNX model, or truncated");
}

// One byte of a model altered: it may still be a model, but reading it must end in one way or the other.
TEST(OnnxFile, SurvivesEveryAlteredByte) {
  const std::string whole = bytes_of(brightness_model());
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const char mask : {'\x01', '\x10', '\x80'}) {
      std::string altered = whole;
      altered[i] = static_cast<char>(altered[i] ^ mask);
      const Result<Network> network = read(altered);
      if (!network) {
        EXPECT_TRUE(network.error().what.starts_with("m.onnx: ")) << network.error().what;
        continue;
      }
      // Each engine takes it, or refuses it.
      static_cast<void>(make_engine(built_engines().front(), *network, altered, "m.onnx"));
    }
}

TEST(OnnxFile, RefusesTensorsThatAreNotWhole) {
  onnx::ModelProto model = brightness_model();
  onnx::TensorProto* weights = constant(&model, find(&model, "QGemm")->input(3));
  weights->mutable_raw_data()->pop_back();
  EXPECT_EQ(refusal(model),
            "m.onnx: tensor \"" + weights->name() + "\": its values do not match its dimensions and type");
  weights->set_dims(0, -3);
  EXPECT_EQ(refusal(model), "m.onnx: tensor \"" + weights->name() + "\" has impossible dimensions");
  weights->set_dims(0, std::int64_t{1} << 60);
  EXPECT_EQ(refusal(model), "m.onnx: tensor \"" + weights->name() + "\" has impossible dimensions");
  weights->set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_EQ(refusal(model), "m.onnx: tensor \"" + weights->name() +
                                "\" is stored in another file; save the model as one file");
  weights->set_data_type(onnx::TensorProto::DOUBLE);
  EXPECT_EQ(refusal(model),
            "m.onnx: tensor \"" + weights->name() + "\" has ONNX's data type 11, which is not supported");
}

TEST(Network, RefusesOperatorsThatItDoesNotKnow) {
  onnx::ModelProto model = brightness_model();
  find(&model, "QGemm")->set_op_type("QLinearLeakyRelu");
  EXPECT_TRUE(
      refusal(model).starts_with("m.onnx: operator com.microsoft.QLinearLeakyRelu that gives \"flow10\" "
                                 "(node 3): is not supported; these are: "))
      << refusal(model);
  EXPECT_NE(refusal(model).find("QLinearConv, "), std::string::npos) << refusal(model);
  model = brightness_model();
  find(&model, "Reshape")->set_domain("ai.example");
  EXPECT_TRUE(refusal(model).starts_with("m.onnx: operator ai.example.Reshape that gives "))
      << refusal(model);
}

TEST(Network, RefusesOtherEnds) {
  onnx::ModelProto model = brightness_model();
  auto* dims =
      model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  dims->mutable_dim(0)->set_dim_value(2);
  const std::string wanted =
      ": one picture of a fixed size is wanted, such as 1x3x224x224: export the model with one";
  EXPECT_EQ(refusal(model), "m.onnx: its input \"image\" is 2x1x96x96" + wanted);
  dims->mutable_dim(0)->set_dim_value(1);
  dims->mutable_dim(2)->set_dim_param("height");
  EXPECT_EQ(refusal(model), "m.onnx: its input \"image\" is 1x1x?x96" + wanted);
  dims->mutable_dim(2)->set_dim_value(96);
  model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      onnx::TensorProto::UINT8);
  EXPECT_EQ(refusal(model),
            "m.onnx: its input \"image\" is 1x1x96x96, not float: quantise the model with float inputs");
  model = brightness_model();
  *model.mutable_graph()->add_output() = model.graph().output(0);
  EXPECT_TRUE(refusal(model).starts_with("m.onnx: has 1 inputs and 2 outputs, not one of each"))
      << refusal(model);
}

TEST(Network, RefusesAnOutputThatNobodyComputes) {
  onnx::ModelProto model = brightness_model();
  model.mutable_graph()->mutable_node()->RemoveLast();
  EXPECT_EQ(refusal(model), "m.onnx: its output \"logits\" is never computed");
}

TEST(Network, RefusesOperatorsInAnotherOrder) {
  onnx::ModelProto model = brightness_model();
  model.mutable_graph()->mutable_node()->SwapElements(1, 2);
  EXPECT_TRUE(refusal(model).ends_with("no int8 operator gives its input \"mean\"")) << refusal(model);
}

TEST(Network, RefusesOtherQuantisations) {
  onnx::ModelProto model = brightness_model();
  constant(&model, find(&model, "QGemm")->input(1))->set_float_data(0, 0.5F);
  EXPECT_TRUE(refusal(model).ends_with("at another scale or zero point than it was given with"))
      << refusal(model);
  model = brightness_model();
  constant(&model, find(&model, "QGemm")->input(5))->set_raw_data("\x03");
  EXPECT_TRUE(refusal(model).ends_with("of weights is not 0: quantise the weights symmetrically"))
      << refusal(model);
  for (const float scale : {0.0F, -1.0F, std::nanf(""), INFINITY}) {
    model = brightness_model();
    constant(&model, find(&model, "QGemm")->input(7))->set_float_data(0, scale);
    EXPECT_TRUE(refusal(model).ends_with("is not above 0")) << refusal(model);
  }
}

TEST(Network, RefusesConvolutionsThatDoNotFit) {
  onnx::ModelProto model = model_of_all_operators();
  onnx::NodeProto* node = find(&model, "QLinearConv", 1);  // depthwise
  for (onnx::AttributeProto& attribute : *node->mutable_attribute())
    if (attribute.name() == "group") attribute.set_i(3);
  EXPECT_TRUE(refusal(model).ends_with(
      "weights 8x3x3x1 (out, height, width, in) in 3 groups do not fit its input 1x48x48x8"))
      << refusal(model);
  model = model_of_all_operators();
  node = find(&model, "QLinearConv", 1);
  for (onnx::AttributeProto& attribute : *node->mutable_attribute())
    if (attribute.name() == "strides") attribute.set_ints(0, 0);
  EXPECT_TRUE(refusal(model).ends_with("attribute strides is not 2 fitting numbers")) << refusal(model);
  model = model_of_all_operators();
  onnx::AttributeProto* padding = find(&model, "QLinearConv")->add_attribute();
  padding->set_name("auto_pad");
  padding->set_type(onnx::AttributeProto::STRING);
  padding->set_s("SAME_UPPER");
  EXPECT_TRUE(refusal(model).ends_with("attribute auto_pad is SAME_UPPER, which is not supported"))
      << refusal(model);
}

}  // namespace
}  // namespace loopgate::inspection
