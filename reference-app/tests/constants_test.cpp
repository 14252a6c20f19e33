// Constants of ONNX files: how they are kept, what a zero point that is not there means, and how often they
// may be used. And the network's input, when several operators quantise it.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/engines.h"
#include "formats/model_file.h"
#include "formats/onnx_file.h"
#include "tests/qdq_fixture.h"
#include "tests/refused_model.h"
#include "tests/with_engine.h"

namespace loopgate::inspection {
namespace {

// What an engine makes of a picture.
std::vector<std::int8_t> output_of(const onnx::ModelProto& model, const std::string& engine_name) {
  std::vector<std::int8_t> output;
  with_engine(model, engine_name, [&](InferenceEngine& engine) {
    std::uint8_t next = 0;
    for (std::int8_t& value : engine.picture()) value = static_cast<std::int8_t>(next += 37);
    EXPECT_TRUE(engine.run());
    output.assign(engine.output().begin(), engine.output().end());
  });
  return output;
}

onnx::TensorProto* last_constant(QdqBuilder* builder) {
  onnx::GraphProto* graph = builder->builder.model.mutable_graph();
  return graph->mutable_initializer(graph->initializer_size() - 1);
}

std::string uint8(QdqBuilder* builder, const std::vector<int>& values,
                  const std::vector<std::int64_t>& dims) {
  const std::string name = builder->builder.int8(values, dims);
  last_constant(builder)->set_data_type(onnx::TensorProto::UINT8);
  return name;
}

// The model with a constant added to its input: of uint8, with the zero point, or without one.
onnx::ModelProto sum_with(bool has_zero_point) {
  QdqBuilder builder;
  const Flow input = builder.input(2, 2, 3);
  const std::string constant = builder.fresh(), sum = builder.fresh();
  std::vector<std::string> inputs = {uint8(&builder, {0, 10, 50}, {3, 1, 1}),
                                     builder.builder.floats({0.02F})};
  if (has_zero_point) inputs.push_back(uint8(&builder, {0}, {}));
  builder.builder.node("DequantizeLinear", "", inputs, constant);
  builder.builder.node("Add", "", {builder.numbers(input), constant}, sum);
  builder.output(builder.quantised(sum, input.shape, 0.03F, 0));
  return builder.builder.model;
}

TEST(Constants, WithoutAZeroPointHaveThatOfTheirType) {
  for (const std::string& engine : {"xnnpack", "integer"})
    EXPECT_EQ(output_of(sum_with(false), engine), output_of(sum_with(true), engine)) << engine;
  const Result<ModelFile> file = read_model_file(bytes_of(sum_with(false)), "m.onnx");
  ASSERT_TRUE(file) << file.error().what;
  const auto constant = std::ranges::find_if(file->network.activations,
                                             [](const Activation& one) { return !one.values.empty(); });
  ASSERT_NE(constant, file->network.activations.end());
  EXPECT_EQ(constant->zero_point, -128);
  EXPECT_EQ(constant->values, (std::vector<std::int8_t>{-128, -118, -78}));
}

// A convolution of one pixel, whose weights and bias are of uint8, with or without zero points.
onnx::ModelProto pixel_model(bool weights_have_one, bool bias_has_one) {
  QdqBuilder builder;
  const Flow input = builder.input(2, 2, 3);
  const std::string weights = builder.fresh(), bias = builder.fresh(), sum = builder.fresh();
  ModelBuilder& model = builder.builder;
  std::vector<std::string> of_weights = {uint8(&builder, {130, 90, 200, 128, 129, 0}, {2, 3, 1, 1}),
                                         model.floats({0.01F})};
  if (weights_have_one) of_weights.push_back(uint8(&builder, {128}, {}));
  model.node("DequantizeLinear", "", of_weights, weights);
  std::vector<std::string> of_bias = {uint8(&builder, {7, 90}, {2}), model.floats({0.02F})};
  if (bias_has_one) of_bias.push_back(uint8(&builder, {0}, {}));
  model.node("DequantizeLinear", "", of_bias, bias);
  model.node("Conv", "", {builder.numbers(input), weights, bias}, sum);
  builder.output(builder.quantised(sum, {1, 2, 2, 2}, 0.03F, 0));
  return model.model;
}

TEST(Constants, ABiasWithoutAZeroPointHasThatOfItsType) {
  for (const std::string& engine : {"xnnpack", "integer"})
    EXPECT_EQ(output_of(pixel_model(true, false), engine), output_of(pixel_model(true, true), engine));
  const Result<ModelFile> file = read_model_file(bytes_of(pixel_model(true, false)), "m.onnx");
  ASSERT_TRUE(file) << file.error().what;
  // 7 and 90 of 0.02 in steps of 0.02 * 0.01.
  EXPECT_EQ(std::get<Convolution>(file->network.layers[0]).weights.bias,
            (std::vector<std::int32_t>{700, 9000}));
}

TEST(Constants, WeightsOfUint8WithoutAZeroPointAreRefused) {
  EXPECT_TRUE(
      refusal_of(pixel_model(false, true))
          .ends_with("its weights are uint8 without a zero point, which is then 0: quantise the weights "
                     "symmetrically"))
      << refusal_of(pixel_model(false, true));
}

TEST(Constants, ABiasOfInt32HasNoZeroPointButZero) {
  QdqBuilder builder;
  const Flow input = builder.input(2, 2, 3);
  const std::string weights = builder.fresh(), bias = builder.fresh(), sum = builder.fresh();
  ModelBuilder& model = builder.builder;
  model.node("DequantizeLinear", "", {model.int8({1, 2, 3}, {1, 3, 1, 1}), model.floats({0.01F})}, weights);
  const std::string zero = model.int32({0});
  model.node("DequantizeLinear", "", {model.int32({50}), model.floats({0.0002F}), zero}, bias);
  model.node("Conv", "", {builder.numbers(input), weights, bias}, sum);
  builder.output(builder.quantised(sum, {1, 1, 2, 2}, 0.03F, 0));
  EXPECT_EQ(refusal_of(model.model), "not refused");
  for (onnx::TensorProto& tensor : *model.model.mutable_graph()->mutable_initializer())
    if (tensor.name() == zero) tensor.set_int32_data(0, 3);
  EXPECT_NE(refusal_of(model.model).find("the zero point of bias"), std::string::npos)
      << refusal_of(model.model);
}

// QuantizeLinear makes uint8 where nothing says otherwise.
TEST(Constants, QuantizeLinearWithoutAZeroPointSaysItsTypeByAttribute) {
  struct Case {
    std::int64_t type;  // 0: the attribute is missing
    int zero_point;
  };
  for (const Case& one : {Case{0, -128}, Case{2, -128}, Case{3, 0}}) {
    QdqBuilder builder;
    Flow flow = builder.unary("Tanh", builder.input(2, 2, 3), {1, 3, 2, 2}, 1.0F / 128, 0);
    onnx::NodeProto* node = builder.last();
    node->mutable_input()->RemoveLast();
    if (one.type != 0) {
      onnx::AttributeProto* attribute = node->add_attribute();
      attribute->set_name("output_dtype");
      attribute->set_type(onnx::AttributeProto::INT);
      attribute->set_i(one.type);
    }
    builder.output(flow);
    builder.last()->mutable_input()->RemoveLast();  // nor has DequantizeLinear one
    const Result<ModelFile> file = read_model_file(bytes_of(builder.builder.model), "m.onnx");
    ASSERT_TRUE(file) << file.error().what;
    EXPECT_EQ(file->network.activations[file->network.output].zero_point, one.zero_point);
  }
}

TEST(Constants, OtherTypesOfQuantizeLinearAreRefused) {
  QdqBuilder builder;
  builder.output(builder.unary("Tanh", builder.input(2, 2, 3), {1, 3, 2, 2}, 1.0F / 128, 0));
  onnx::AttributeProto* attribute = builder.builder.model.mutable_graph()->mutable_node(3)->add_attribute();
  attribute->set_name("output_dtype");
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(17);
  EXPECT_NE(
      refusal_of(builder.builder.model).find("attribute output_dtype is 17, neither int8 (3) nor uint8 (2)"),
      std::string::npos)
      << refusal_of(builder.builder.model);
  attribute->set_i(2);
  EXPECT_NE(refusal_of(builder.builder.model).find("attribute output_dtype is 2, but its zero point is int8"),
            std::string::npos)
      << refusal_of(builder.builder.model);
}

// Of an int8 tensor at zero point -14, DequantizeLinear without one means 0.
TEST(Constants, DequantizeLinearWithoutAZeroPointIsHeldAgainstTheTensors) {
  QdqBuilder builder;
  builder.output(builder.input(2, 2, 3));
  builder.last()->mutable_input()->RemoveLast();
  EXPECT_NE(refusal_of(builder.builder.model).find("at another scale or zero point than it was given with"),
            std::string::npos)
      << refusal_of(builder.builder.model);
}

// A small file whose operators all name the same constant would need any amount of memory.
TEST(Constants, ThatAreUsedAgainAndAgainAreRefused) {
  for (const bool dense : {false, true}) {
    QdqBuilder builder;
    ModelBuilder& model = builder.builder;
    Flow flow = builder.input(4, 4, 3);
    const std::string filter = builder.fresh();
    const std::vector<std::int64_t> dims =
        dense ? std::vector<std::int64_t>{48, 48} : std::vector<std::int64_t>{48, 1, 16, 3};
    model.node("DequantizeLinear", "",
               {model.int8(std::vector<int>(48 * 48, 1), dims), model.floats({0.02F})}, filter);
    flow = builder.moved(
        "Reshape", flow, dense ? std::vector<std::int64_t>{1, 48} : std::vector<std::int64_t>{1, 1, 16, 3},
        {model.int64(dense ? std::vector<std::int64_t>{1, 48} : std::vector<std::int64_t>{1, 1, 16, 3})});
    for (int i = 0; i < 40; ++i) {
      const std::string product = builder.fresh();
      model.node(dense ? "MatMul" : "Conv", "", {builder.numbers(flow), filter}, product);
      flow = builder.quantised(product, dense ? flow.shape : std::vector<std::int64_t>{1, 48, 1, 1},
                               flow.scale, flow.zero_point);
      if (!dense) flow = builder.moved("Reshape", flow, {1, 1, 16, 3}, {model.int64({1, 1, 16, 3})});
    }
    builder.output(flow);
    EXPECT_NE(refusal_of(model.model)
                  .find("uses constants again and again: together they are larger than the file"),
              std::string::npos)
        << refusal_of(model.model);
  }
}

TEST(Constants, OperandsCountToo) {
  QdqBuilder builder;
  ModelBuilder& model = builder.builder;
  Flow flow = builder.input(32, 32, 3);
  const std::string constant = builder.fresh();
  model.node("DequantizeLinear", "",
             {model.int8(std::vector<int>(3 * 32 * 32, 1), {3, 32, 32}), model.floats({0.02F})}, constant);
  for (int i = 0; i < 40; ++i) {
    const std::string sum = builder.fresh();
    model.node("Add", "", {builder.numbers(flow), constant}, sum);
    flow = builder.quantised(sum, flow.shape, flow.scale, flow.zero_point);
  }
  builder.output(flow);
  EXPECT_NE(refusal_of(model.model).find("uses constants again and again"), std::string::npos)
      << refusal_of(model.model);
}

// Raw, or in fields of 32 bits, which may hold what does not fit.
TEST(Constants, OfEightBitsTakeEightBits) {
  QdqBuilder builder;
  builder.output(builder.input(2, 2, 3));
  onnx::GraphProto* graph = builder.builder.model.mutable_graph();
  onnx::TensorProto* raw = graph->add_initializer();
  raw->set_name("raw");
  raw->set_data_type(onnx::TensorProto::UINT8);
  raw->add_dims(3);
  raw->set_raw_data(std::string("\x00\x80\xff", 3));
  onnx::TensorProto* field = graph->add_initializer();
  field->set_name("field");
  field->set_data_type(onnx::TensorProto::INT8);
  field->add_dims(2);
  field->add_int32_data(-128);
  field->add_int32_data(127);
  Result<OnnxFile> file = parse_onnx(bytes_of(builder.builder.model), "m.onnx");
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->constants.at("raw").bytes, (std::vector<std::int8_t>{-128, 0, 127}));
  EXPECT_EQ(file->constants.at("field").bytes, (std::vector<std::int8_t>{-128, 127}));
  EXPECT_TRUE(file->constants.at("raw").integers.empty());
  const std::string refused = "m.onnx: tensor \"field\": its values do not match its dimensions and type";
  for (const int value : {128, -129, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    field->set_int32_data(1, value);
    EXPECT_EQ(refusal_of(builder.builder.model), refused) << value;
  }
  field->set_data_type(onnx::TensorProto::UINT8);
  for (const int value : {256, -1, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    field->set_int32_data(1, value);
    EXPECT_EQ(refusal_of(builder.builder.model), refused) << value;
  }
}

// As onnxruntime's quantize_static writes it with DedicatedQDQPair: each reader of the input quantises it.
onnx::ModelProto model_of_two_branches(bool quantised_twice, float second_scale = 0.02F) {
  QdqBuilder builder;
  const Flow input = builder.input(4, 4, 3);
  Flow other = input;
  if (quantised_twice) {
    onnx::NodeProto again = *builder.last();
    other.name = builder.fresh();
    other.scale = second_scale;
    again.set_input(1, builder.builder.floats({second_scale}));
    again.set_output(0, other.name);
    *builder.builder.model.mutable_graph()->add_node() = again;
  }
  const Flow first = builder.convolution(input, {.out = 4}), second = builder.convolution(other, {.out = 4});
  builder.output(builder.binary("Add", first, second));
  return builder.builder.model;
}

TEST(Input, ThatIsQuantisedTwiceIsOneInput) {
  for (const std::string& engine : {"xnnpack", "integer"})
    EXPECT_EQ(output_of(model_of_two_branches(true), engine), output_of(model_of_two_branches(false), engine))
        << engine;
}

TEST(Input, ThatIsQuantisedAtTwoScalesIsRefused) {
  const std::string why = refusal_of(model_of_two_branches(true, 0.03F));
  EXPECT_TRUE(
      why.starts_with("m.onnx: operator QuantizeLinear that gives \"n1\" (node 1): makes int8 of the "
                      "network's input at another scale or zero point than \""))
      << why;
  EXPECT_TRUE(why.ends_with("quantise the input once")) << why;
}

}  // namespace
}  // namespace loopgate::inspection
