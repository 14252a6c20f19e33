#include "extremes/gev.h"

#include <gtest/gtest.h>

#include <cmath>

#include "extremes/testing/samples.h"

namespace loopgate::gev_test {
namespace {

using testing::Random;
using testing::uniform;

std::vector<double> maxima(std::size_t count, double location, double scale, double shape) {
  Random random(11);
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(gev_level(location, scale, shape, -std::log(uniform(&random))));
  return values;
}

TEST(Gev, ALevelHasTheEventsThatItIsOf) {
  for (const double shape : {-0.4, 0.0, 1e-9, 0.3})
    for (const double events : {3.0, 0.1, 1e-6})
      EXPECT_NEAR(gev_events(30'000, 900, shape, gev_level(30'000, 900, shape, events)) / events, 1, 1e-6)
          << shape;
}

TEST(Gev, BeyondTheEndThereIsNothing) {
  EXPECT_EQ(gev_events(100, 10, -0.5, 121), 0);
  EXPECT_TRUE(std::isinf(gev_events(100, 10, 0.5, 79)));
  EXPECT_EQ(gev_log_likelihood(100, 10, -0.5, {110, 121}), -INFINITY);
  EXPECT_EQ(gev_log_likelihood(100, -1, 0, {110}), -INFINITY);
}

TEST(Gev, FindsWhatMaximaWereDrawnFrom) {
  for (const double shape : {-0.5, -0.2, 0.0, 0.2, 0.5}) {
    const GevFit fit = fit_gev(maxima(4'000, 30'000, 900, shape));
    EXPECT_NEAR(fit.shape, shape, 0.05);
    EXPECT_NEAR(fit.scale, 900, 60) << shape;
    EXPECT_NEAR(fit.location, 30'000, 60) << shape;
  }
}

TEST(Gev, NothingNearIsLikelier) {
  const std::vector<double> sample = maxima(100, 30'000, 900, 0.1);
  const GevFit fit = fit_gev(sample);
  for (const double step : {-1.0, 1.0}) {
    EXPECT_LT(gev_log_likelihood(fit.location + 20 * step, fit.scale, fit.shape, sample), fit.log_likelihood);
    EXPECT_LT(gev_log_likelihood(fit.location, fit.scale + 20 * step, fit.shape, sample), fit.log_likelihood);
    EXPECT_LT(gev_log_likelihood(fit.location, fit.scale, fit.shape + 0.02 * step, sample),
              fit.log_likelihood);
  }
}

TEST(Gev, TwoModesStillGiveAFiniteFit) {
  std::vector<double> sample(40, 18'500);
  sample.insert(sample.end(), 60, 33'000);
  const GevFit fit = fit_gev(sample);
  EXPECT_TRUE(std::isfinite(fit.location) && std::isfinite(fit.shape) && fit.scale > 0);
}

}  // namespace
}  // namespace loopgate::gev_test
