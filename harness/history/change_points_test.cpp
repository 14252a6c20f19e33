#include "history/change_points.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/random_draws.h"

namespace loopgate::change_points_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Uniform from -1 to 1.
std::vector<double> noise(std::size_t count, std::uint64_t seed) {
  RandomDraws draws(seed);
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<double>(draws.below(2'001)) / 1'000 - 1);
  return values;
}

std::vector<double> with_steps(std::vector<double> values,
                               const std::vector<std::pair<std::size_t, double>>& steps) {
  for (const auto& [from, height] : steps)
    for (std::size_t i = from; i < values.size(); ++i) values[i] += height;
  return values;
}

std::vector<std::size_t> places(const std::vector<double>& values) {
  std::vector<std::size_t> at;
  for (const ChangePoint& each : change_points(values)) at.push_back(each.at);
  return at;
}

// Straight from the paper's sums, for every split.
double plain_energy(const std::vector<double>& values, std::size_t at) {
  double between = 0;
  double left = 0;
  double right = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = i + 1; j < values.size(); ++j)
      (j < at ? left : i >= at ? right : between) += std::abs(values[i] - values[j]);
  const double n = static_cast<double>(at);
  const double m = static_cast<double>(values.size() - at);
  return n * m / (n + m) * (2 * between / n / m - 2 * left / n / (n - 1) - 2 * right / m / (m - 1));
}

TEST(ChangePoints, SplitsWhereThePapersStatisticIsLargest) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto values = with_steps(noise(40, seed), {{10 + seed, 3.0}});
    std::size_t best = 5;
    for (std::size_t at = 5; at <= 35; ++at)
      if (plain_energy(values, at) > plain_energy(values, best)) best = at;
    ASSERT_FALSE(places(values).empty());
    EXPECT_THAT(places(values), ::testing::Contains(best)) << seed;
  }
}

TEST(ChangePoints, FindsEachStep) {
  EXPECT_THAT(places(with_steps(noise(60, 1), {{20, 5.0}, {40, -9.0}})), ElementsAre(20, 40));
  EXPECT_THAT(places(with_steps(std::vector<double>(20, 7.0), {{10, 0.001}})), ElementsAre(10))
      << "virtual time repeats";
}

TEST(ChangePoints, FindsNoneWhereNothingChanged) {
  EXPECT_THAT(places(std::vector<double>(200, 9.2)), IsEmpty());
  EXPECT_THAT(places({}), IsEmpty());
  EXPECT_THAT(places(with_steps(std::vector<double>(9, 0.0), {{4, 1.0}})), IsEmpty())
      << "4 runs on a side are too few";
  int alarms = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) alarms += places(noise(40, seed)).empty() ? 0 : 1;
  EXPECT_LE(alarms, 9) << "3 are expected at 1 %, and 10 or more are seen once in 800";
}

TEST(ChangePoints, OneOutlierIsNoChange) {
  auto values = noise(60, 3);
  values[30] = 500;
  EXPECT_THAT(places(values), IsEmpty());
}

TEST(ChangePoints, SaysHowSureItIsAndRepeats) {
  const auto values = with_steps(noise(60, 4), {{30, 5.0}});
  const auto first = change_points(values);
  const auto second = change_points(values);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_DOUBLE_EQ(first[0].p, 1.0 / 200);
  EXPECT_EQ(second[0].at, first[0].at);
  EXPECT_EQ(second[0].p, first[0].p);
}

}  // namespace
}  // namespace loopgate::change_points_test
