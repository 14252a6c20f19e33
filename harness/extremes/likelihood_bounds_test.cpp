#include "extremes/likelihood_bounds.h"

#include <gtest/gtest.h>

#include <cmath>

#include "extremes/clusters.h"
#include "extremes/testing/samples.h"

namespace loopgate::likelihood_bounds_test {
namespace {

using testing::Random;
using testing::uniform;

constexpr int repeated = 60;

struct Covered {
  int lower = 0;
  int upper = 0;
};

void count(const Bounded& bounded, double truth, Covered* covered) {
  covered->lower += bounded.lower <= truth ? 1 : 0;
  covered->upper += bounded.upper >= truth ? 1 : 0;
}

// 57 of 60 are expected: P(fewer than 51) = 0.2 %.
void expect_covered(const Covered& covered) {
  EXPECT_GE(covered.lower, 51);
  EXPECT_GE(covered.upper, 51);
}

class ParetoBounds : public ::testing::TestWithParam<double> {};

TEST_P(ParetoBounds, HoldTheTruthAsOftenAsTheySay) {
  Random random(21);
  Covered covered;
  const double beyond =
      pareto_excess(GetParam(), 1'000, 0.01 / 100);  // one in a hundred times the time measured
  for (int i = 0; i < repeated; ++i) {
    std::vector<double> peaks;
    for (int k = 0; k < 100; ++k) peaks.push_back(pareto_excess(GetParam(), 1'000, uniform(&random)));
    count(pareto_events(peaks, fit_pareto(peaks), beyond, {}), 0.01, &covered);
  }
  expect_covered(covered);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ParetoBounds, ::testing::Values(-0.2, 0.0, 0.25));

class GevBounds : public ::testing::TestWithParam<double> {};

TEST_P(GevBounds, HoldTheTruthAsOftenAsTheySay) {
  Random random(22);
  Covered covered;
  const double x = gev_level(30'000, 900, GetParam(), 0.01 / 100);
  for (int i = 0; i < repeated; ++i) {
    std::vector<double> maxima;
    for (int k = 0; k < 100; ++k)
      maxima.push_back(gev_level(30'000, 900, GetParam(), -std::log(uniform(&random))));
    count(gev_events_in_all(maxima, fit_gev(maxima), x, {}), 0.01, &covered);
  }
  expect_covered(covered);
}

INSTANTIATE_TEST_SUITE_P(Shapes, GevBounds, ::testing::Values(-0.2, 0.0, 0.25));

TEST(ShapeBounds, HoldTheTruthAsOftenAsTheySay) {
  Random random(23);
  Covered covered;
  for (int i = 0; i < repeated; ++i) {
    std::vector<double> peaks;
    for (int k = 0; k < 100; ++k) peaks.push_back(pareto_excess(0.1, 1'000, uniform(&random)));
    count(pareto_shape(peaks, fit_pareto(peaks), {}), 0.1, &covered);
  }
  expect_covered(covered);
}

class Wider : public ::testing::Test {
 protected:
  Wider() {
    Random random(24);
    for (int k = 0; k < 200; ++k) peaks_.push_back(pareto_excess(0.1, 1'000, uniform(&random)));
  }
  Bounded at(const BoundsAt& at) const { return pareto_events(peaks_, fit_pareto(peaks_), 12'000, at); }
  std::vector<double> peaks_;
};

TEST_F(Wider, TheEstimateLiesBetween) {
  const Bounded bounded = at({});
  EXPECT_LT(bounded.lower, bounded.estimate);
  EXPECT_GT(bounded.upper, bounded.estimate);
}

TEST_F(Wider, MoreConfidenceAndReplicatesThatDifferWidenThem) {
  EXPECT_GT(at({0.95, 0.99, 1}).upper, at({}).upper);
  EXPECT_LT(at({0.99, 0.95, 1}).lower, at({}).lower);
  EXPECT_GT(at({0.95, 0.95, 3}).upper, at({}).upper);
}

// An end below the latency is one of many that the peaks leave open.
TEST(Ended, AnEstimateOfNoneHasAnUpperBound) {
  Random random(25);
  std::vector<double> peaks;
  for (int k = 0; k < 100; ++k) peaks.push_back(pareto_excess(-0.3, 1'000, uniform(&random)));
  const Bounded bounded = pareto_events(peaks, fit_pareto(peaks), 5'000, {});
  EXPECT_EQ(bounded.estimate, 0);
  EXPECT_EQ(bounded.lower, 0);
  EXPECT_GT(bounded.upper, 0);
}

}  // namespace
}  // namespace loopgate::likelihood_bounds_test
