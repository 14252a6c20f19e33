#include "extremes/pareto.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "extremes/testing/samples.h"

namespace loopgate::pareto_test {
namespace {

using testing::Random;
using testing::uniform;

std::vector<double> excesses(std::size_t count, double shape, double scale) {
  Random random(7);
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(pareto_excess(shape, scale, uniform(&random)));
  return values;
}

TEST(Pareto, AnExcessHasTheSurvivalThatItIsOf) {
  for (const double shape : {-0.4, 0.0, 1e-9, 0.3})
    for (const double survival : {0.9, 0.1, 1e-6})
      EXPECT_NEAR(pareto_survival(shape, 250, pareto_excess(shape, 250, survival)) / survival, 1, 1e-6)
          << shape;
}

TEST(Pareto, BeyondTheEndThereIsNothing) {
  EXPECT_EQ(pareto_survival(-0.5, 100, 201), 0);
  EXPECT_EQ(pareto_log_likelihood(-0.5, 100, {50, 201}), -INFINITY);
  EXPECT_EQ(pareto_log_likelihood(0.1, 0, {50}), -INFINITY);
}

TEST(Pareto, FindsWhatASampleWasDrawnFrom) {
  for (const double shape : {-0.6, -0.2, 0.0, 0.2, 0.8}) {
    const ParetoFit fit = fit_pareto(excesses(4'000, shape, 1'300));
    EXPECT_NEAR(fit.shape, shape, 0.08);
    EXPECT_NEAR(fit.scale, 1'300, 100) << shape;
  }
}

TEST(Pareto, NothingNearIsLikelier) {
  const std::vector<double> sample = excesses(200, 0.2, 90);
  const ParetoFit fit = fit_pareto(sample);
  for (const auto& [shape, scale] : {std::pair{0.01, 0.0}, {-0.01, 0.0}, {0.0, 0.9}, {0.0, -0.9}})
    EXPECT_LT(pareto_log_likelihood(fit.shape + shape, fit.scale + scale, sample), fit.log_likelihood);
}

// Values that are even up to an end have a shape of -1, and no likelihood has a maximum beyond it.
TEST(Pareto, AnEndKeepsTheShapeAboveMinusOne) {
  std::vector<double> even;
  for (int i = 1; i <= 500; ++i) even.push_back(i);
  EXPECT_GE(fit_pareto(even).shape, -1);
  EXPECT_LT(fit_pareto(even).shape, -0.9);
}

TEST(Pareto, EqualValuesAndTwoValuesGiveAFiniteFit) {
  for (const std::vector<double>& sample :
       {std::vector<double>{3, 3}, {1, 1e9}, std::vector<double>(100, 5)}) {
    const ParetoFit fit = fit_pareto(sample);
    EXPECT_TRUE(std::isfinite(fit.shape) && std::isfinite(fit.scale) && fit.scale > 0);
  }
}

}  // namespace
}  // namespace loopgate::pareto_test
