// Activation functions behind operators of ONNX files in QDQ form: what they cut is cut, whichever the
// operator is, and by every engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "engine/engines.h"
#include "formats/model_file.h"
#include "tests/qdq_fixture.h"
#include "tests/with_engine.h"

namespace loopgate::inspection {
namespace {

using Outputs = std::vector<std::vector<std::int8_t>>;

// What the engine makes of pictures that are always the same.
Outputs outputs_of(const onnx::ModelProto& model, const std::string& engine_name) {
  Outputs outputs;
  with_engine(model, engine_name, [&](InferenceEngine& engine) {
    std::mt19937 random(7);
    for (int i = 0; i < 20; ++i) {
      for (std::int8_t& value : engine.picture()) value = static_cast<std::int8_t>(random());
      EXPECT_TRUE(engine.run());
      outputs.emplace_back(engine.output().begin(), engine.output().end());
    }
  });
  return outputs;
}

// An operator: adds itself to the model, with the function behind it.
struct Operator {
  const char* name;
  std::function<Flow(QdqBuilder&, const Flow& input, const ActivationFunction& function)> add;

  friend void PrintTo(const Operator& one, std::ostream* out) { *out << one.name; }
};

Operator of_one_tensor(const char* name, float scale, int zero_point) {
  return {name, [=](QdqBuilder& builder, const Flow& input, const ActivationFunction& function) {
            return builder.unary(name, input, input.shape, scale, zero_point, function);
          }};
}

Operator of_a_picture(const char* name) {
  return {name, [=](QdqBuilder& builder, const Flow& input, const ActivationFunction& function) {
            return builder.unary(name, input, {1, 3, 1, 1}, 0.02F, 0, function);
          }};
}

// With what another operator makes of the input.
Operator of_two_tensors(const char* name, const char* other, float scale, int zero_point) {
  return {name, [=](QdqBuilder& builder, const Flow& input, const ActivationFunction& function) {
            return builder.binary(name, input, builder.unary(other, input, input.shape, scale, zero_point),
                                  function);
          }};
}

const Operator softmax = {"Softmax",
                          [](QdqBuilder& builder, const Flow& input, const ActivationFunction& function) {
                            const Flow row = builder.moved("Flatten", input, {1, 12});
                            return builder.unary("Softmax", row, row.shape, 1.0F / 256, -128, function);
                          }};

class Functions : public testing::TestWithParam<Operator> {
 protected:
  // What the operator gives, with the function behind it; and how that is quantised.
  static Outputs run(const std::string& engine, const ActivationFunction& function, Flow* output) {
    QdqBuilder builder;
    *output = GetParam().add(builder, builder.input(2, 2, 3), function);
    builder.output(*output);
    return outputs_of(builder.builder.model, engine);
  }
};

// What the function leaves of quantised values: rounding does not change which is larger.
Outputs left_of(Outputs outputs, const ActivationFunction& function, const Flow& output) {
  const auto steps = [&output](float limit) {
    return static_cast<std::int8_t>(std::clamp(
        std::round(limit / output.scale) + static_cast<float>(output.zero_point), -128.0F, 127.0F));
  };
  for (std::vector<std::int8_t>& values : outputs)
    for (std::int8_t& value : values) value = std::clamp(value, steps(function.low), steps(function.high));
  return outputs;
}

TEST_P(Functions, CutWhatTheOperatorGives) {
  for (const ActivationFunction& function :
       {ActivationFunction{"Relu", 0, 1e9F}, ActivationFunction{"Clip", 0.05F, 0.3F}}) {
    std::vector<Outputs> of_engines;
    for (const std::string& engine : {"xnnpack", "integer"}) {
      Flow output;
      const Outputs whole = run(engine, {}, &output);
      const Outputs expected = left_of(whole, function, output);
      // What a sigmoid gives, Relu cannot cut.
      EXPECT_TRUE(expected != whole || (output.zero_point == -128 && function.name == "Relu"));
      of_engines.push_back(run(engine, function, &output));
      EXPECT_EQ(of_engines.back(), expected) << engine << " " << function.name;
    }
    ASSERT_EQ(of_engines[0].size(), of_engines[1].size());
    for (std::size_t i = 0; i < of_engines[0].size(); ++i)
      for (std::size_t at = 0; at < of_engines[0][i].size(); ++at)
        EXPECT_NEAR(of_engines[0][i][at], of_engines[1][i][at], 1) << function.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Operators, Functions,
    testing::Values(of_one_tensor("Tanh", 1.0F / 128, 0), of_one_tensor("Sigmoid", 1.0F / 256, -128),
                    of_one_tensor("HardSwish", 0.02F, -40), of_one_tensor("HardSigmoid", 1.0F / 256, -128),
                    of_one_tensor("AveragePool", 0.02F, -20), of_one_tensor("MaxPool", 0.02F, -14),
                    of_a_picture("GlobalAveragePool"), of_a_picture("ReduceMean"),
                    of_two_tensors("Add", "Tanh", 1.0F / 128, 0),
                    of_two_tensors("Sub", "Tanh", 1.0F / 128, 0),
                    of_two_tensors("Mul", "MaxPool", 0.02F, -14), softmax,
                    Operator{"Conv",
                             [](QdqBuilder& builder, const Flow& input, const ActivationFunction& function) {
                               return builder.convolution(input, {.out = 5}, function);
                             }}),
    [](const auto& one) { return std::string(one.param.name); });

// One behind the other, in the file's order: where their limits have nothing in common, the last one says
// what is left.
TEST(FunctionsInARow, AreAppliedInTheirOrder) {
  struct Case {
    ActivationFunction first, second;
    float left;
  };
  for (const Case& one :
       {Case{{"Clip", -3, -1}, {"Relu"}, 0}, Case{{"Clip", 0.5F, 1}, {"Clip", -1, 0.2F}, 0.2F},
        Case{{"Clip", 0.6F, 0.4F}, {"Relu"}, 0.4F}}) {
    QdqBuilder builder;
    const Flow input = builder.input(2, 2, 3);
    std::string name = builder.numbers(input);
    for (const ActivationFunction& function : {one.first, one.second}) name = builder.cut(name, function);
    builder.output(builder.quantised(name, input.shape, 0.02F, -10));
    const auto left = static_cast<std::int8_t>(std::lround(one.left / 0.02F) - 10);
    for (const std::vector<std::int8_t>& values : outputs_of(builder.builder.model, "integer"))
      EXPECT_EQ(values, std::vector<std::int8_t>(values.size(), left)) << one.left;
  }
}

TEST(FunctionsInARow, ALimitThatIsNoNumberIsRefused) {
  QdqBuilder builder;
  const Flow input = builder.input(2, 2, 3);
  const std::string name =
      builder.cut(builder.numbers(input), {"Clip", std::numeric_limits<float>::quiet_NaN(), 1});
  builder.output(builder.quantised(name, input.shape, 0.02F, -10));
  const Result<ModelFile> file = read_model_file(bytes_of(builder.builder.model), "m.onnx");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().what.find("is not one number"), std::string::npos) << file.error().what;
}

}  // namespace
}  // namespace loopgate::inspection
