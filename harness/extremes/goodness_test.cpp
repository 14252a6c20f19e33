#include "extremes/goodness.h"

#include <gtest/gtest.h>

#include <cmath>

#include "extremes/pareto.h"
#include "extremes/testing/samples.h"

namespace loopgate::goodness_test {
namespace {

using testing::Random;
using testing::uniform;

Goodness of_pareto(const std::vector<double>& sample, std::size_t draws) {
  return goodness_of(fit_pareto(sample), sample, draws, 1);
}

// By hand: n = 2, A^2 = -2 - (ln .2 + ln .4 + 3 (ln .6 + ln .8)) / 2.
TEST(Goodness, IsTheStatisticOfAndersonAndDarling) {
  EXPECT_NEAR(anderson_darling({0.6, 0.2}),
              -2 - (std::log(0.2) + std::log(0.4) + 3 * (std::log(0.6) + std::log(0.8))) / 2, 1e-12);
  EXPECT_TRUE(std::isfinite(anderson_darling({0, 1})));
}

TEST(Goodness, RejectsItsOwnKindAsOftenAsItsLevelSays) {
  Random random(3);
  int rejected = 0;
  for (int i = 0; i < 100; ++i) {
    std::vector<double> sample;
    for (int k = 0; k < 60; ++k) sample.push_back(pareto_excess(0.1, 500, uniform(&random)));
    if (of_pareto(sample, 49).p <= 0.1) ++rejected;
  }
  EXPECT_GE(rejected, 3);   // 10 are expected: P(fewer) = 0.2 %
  EXPECT_LE(rejected, 21);  // P(more) = 0.04 %
}

TEST(Goodness, RejectsTwoModes) {
  Random random(4);
  std::vector<double> sample;
  for (int k = 0; k < 100; ++k) sample.push_back((k % 2 == 0 ? 1'000 : 12'000) + 400 * uniform(&random));
  EXPECT_LE(of_pareto(sample, 99).p, 0.01);
}

TEST(Goodness, IsTheSameAgain) {
  Random random(5);
  std::vector<double> sample;
  for (int k = 0; k < 60; ++k) sample.push_back(pareto_excess(0.1, 500, uniform(&random)));
  EXPECT_EQ(of_pareto(sample, 99).p, of_pareto(sample, 99).p);
}

}  // namespace
}  // namespace loopgate::goodness_test
