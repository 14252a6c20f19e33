#include "explain/distribution.h"

#include <gmock/gmock.h>

#include <numeric>

namespace loopgate::distribution_test {
namespace {

PhasesOfSample of(std::int64_t masked, std::int64_t rest) {
  PhasesOfSample sample;
  sample.latency_ns = masked + rest;
  sample.phase_ns[0] = masked;
  sample.phase_ns[6] = rest;
  return sample;
}

TEST(Bands, HoldEverySampleOnce) {
  std::vector<PhasesOfSample> samples;
  for (int i = 0; i < 1'000; ++i) samples.push_back(of(i == 999 ? 50'000 : 0, 100 + i));
  const auto bands = bands_of(samples);
  ASSERT_EQ(bands.size(), 5U);  // nothing lies between 99.99 and 100 %
  std::size_t count = 0;
  for (const Band& band : bands) count += band.count;
  EXPECT_EQ(count, 1'000U);
  EXPECT_EQ(bands[0].count, 500U);
  EXPECT_EQ(bands.back().to_percent, 100);
  EXPECT_EQ(bands[0].min_ns, 100);
  EXPECT_EQ(bands[0].max_ns, 599);
}

TEST(Bands, ThePhaseThatMakesTheTailIsInTheLastOne) {
  std::vector<PhasesOfSample> samples(1'000, of(0, 100));
  samples[17] = of(50'000, 100);
  const auto bands = bands_of(samples);
  EXPECT_DOUBLE_EQ(bands.front().mean_ns[0], 0);
  EXPECT_DOUBLE_EQ(bands.back().mean_ns[0], 50'000);
  EXPECT_EQ(bands.back().count, 1U);
  EXPECT_EQ(bands.back().max_ns, 50'100);
}

TEST(Bands, OfNothingAreNone) { EXPECT_TRUE(bands_of({}).empty()); }

}  // namespace
}  // namespace loopgate::distribution_test
