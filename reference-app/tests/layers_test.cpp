// Networks made layer by layer, as readers make them: what the builder refuses, and what the engines do not
// take on trust.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "engine/engines.h"
#include "engine/network_builder.h"
#include "tests/plain_network.h"

namespace loopgate::inspection {
namespace {

template <class Build>
std::string refusal(Build build) {
  try {
    build();
    return "not refused";
  } catch (const Refusal& refusal) {
    return refusal.why;
  }
}

std::size_t picture(NetworkBuilder* builder, std::size_t height, std::size_t width) {
  return builder->input({"picture", {1, height, width, 3}, 0.02F, -14, {}});
}

TEST(Layers, AnAverageOverADilatedWindowIsRefused) {
  NetworkBuilder builder;
  AveragePool pool{picture(&builder, 8, 8), 0, {2, 1}, {}, {}};
  pool.window.dilations = {3, 1};
  EXPECT_EQ(refusal([&] { builder.add(pool, {"mean", 0.02F, -14}); }),
            "its dilations are 3 and 1: averages over a dilated window are not supported");
}

// Whatever made the network: XNNPACK writes as much as it computes, and the buffer is the network's.
TEST(Layers, AnOutputThatXnnpackComputesLargerIsRefused) {
  NetworkBuilder builder;
  const AveragePool pool{picture(&builder, 1100, 64), 0, {2, 1}, {}, {}};
  Network network = builder.finish(builder.add(pool, {"mean", 0.02F, -14}));
  std::get<AveragePool>(network.layers[0]).window.dilations = {1024, 1};
  network.activations[network.output].shape = {1, 76, 64, 3};
  const auto engine = make_engine("xnnpack", network, "", "m");
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().what, "m: XNNPACK makes \"mean\" 1x1099x64x3, where the network has 1x76x64x3");
}

TEST(Layers, TheLargestOfADilatedWindowIsTheSameOfEveryEngine) {
  for (const std::uint32_t dilation : {2U, 5U}) {
    NetworkBuilder builder;
    MaxPool pool{picture(&builder, 9, 7), 0, {2, 2}, {{1, 0, 0, 1}, {2, 1}, {dilation, 2}}, {-100, 60}};
    const Network network = builder.finish(builder.add(pool, {"most", 0.02F, -14}));
    std::mt19937 random(9);
    std::vector<std::int8_t> values(9 * 7 * 3);
    for (std::int8_t& value : values) value = static_cast<std::int8_t>(random());
    const std::vector<std::int8_t> expected = PlainNetwork(network).run(values);
    for (const std::string& name : {"xnnpack", "integer"}) {
      const auto engine = make_engine(name, network, "", "m");
      ASSERT_TRUE(engine) << engine.error().what;
      std::ranges::copy(values, (*engine)->picture().begin());
      ASSERT_TRUE((*engine)->run());
      EXPECT_EQ(std::vector<std::int8_t>((*engine)->output().begin(), (*engine)->output().end()), expected)
          << name;
    }
  }
}

TEST(Layers, AWindowThatCouldLieInPadsAloneIsRefused) {
  NetworkBuilder builder;
  const MaxPool pool{picture(&builder, 9, 9), 0, {2, 2}, {{1, 1, 1, 1}, {1, 1}, {10, 1}}, {}};
  EXPECT_EQ(refusal([&] { builder.add(pool, {"most", 0.02F, -14}); }),
            "its dilation of 10 is larger than its input 1x9x9x3");
}

TEST(Layers, TheInputMayBeGivenAgainAsItWas) {
  NetworkBuilder builder;
  const std::size_t first = picture(&builder, 8, 8);
  EXPECT_EQ(picture(&builder, 8, 8), first);
  EXPECT_EQ(
      refusal([&] { builder.input({"other", {1, 8, 8, 3}, 0.02F, -13, {}}); }),
      "makes int8 of the network's input at another scale or zero point than \"picture\", which was made "
      "of it before: quantise the input once");
  EXPECT_EQ(refusal([&] { builder.input({"other", {1, 3, 8, 8}, 0.02F, -14, {}}); }),
            "makes 1x3x8x8 of the network's input, which is 1x8x8x3");
}

TEST(Layers, AnAxisThatIsNamedTwiceCountsOnce) {
  NetworkBuilder builder;
  const std::size_t mean = builder.add(Mean{picture(&builder, 8, 8), 0, {2, 1, 2}}, {"mean", 0.02F, 0}, true);
  EXPECT_EQ(builder.at(mean).shape, (Shape{1, 1, 1, 3}));
  const Network network = builder.finish(mean);
  EXPECT_EQ(std::get<Mean>(network.layers[0]).axes, (std::vector<std::size_t>{1, 2}));
}

// The engines' functions are tables without limits, so a cut is a layer of its own.
TEST(Layers, AFunctionThatIsCutIsTwoLayers) {
  NetworkBuilder builder;
  const std::size_t cut =
      builder.add(Unary{Function::tanh, picture(&builder, 2, 2), 0, {0, 100}}, {"tanh", 1.0F / 128, 0});
  Network network = builder.finish(cut);
  ASSERT_EQ(network.layers.size(), 2U);
  EXPECT_FALSE(std::get<Unary>(network.layers[0]).limits.cut());
  EXPECT_EQ(std::get<Unary>(network.layers[1]).limits.low, 0);
  std::get<Unary>(network.layers[0]).limits = {0, 100};
  EXPECT_NE(
      make_engine("xnnpack", network, "", "m").error().what.find("XNNPACK refuses the operator that gives"),
      std::string::npos);
}

TEST(Layers, LimitsBehindEachOtherNeverCross) {
  const Limits some = limits_after({-10, 20}, {0, 100});
  EXPECT_EQ(std::pair(some.low, some.high), (std::pair<std::int8_t, std::int8_t>(0, 20)));
  const Limits apart = limits_after({-10, 20}, {30, 100});
  EXPECT_EQ(std::pair(apart.low, apart.high), (std::pair<std::int8_t, std::int8_t>(30, 30)));
}

}  // namespace
}  // namespace loopgate::inspection
