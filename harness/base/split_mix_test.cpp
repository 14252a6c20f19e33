#include "base/split_mix.h"

#include <gtest/gtest.h>

namespace loopgate::split_mix_test {
namespace {

// The first numbers of the reference implementation's generator seeded with 1234567, whose state grows by the
// golden ratio's constant at each step.
TEST(SplitMix, GivesTheReferencesNumbers) {
  constexpr std::uint64_t seed = 1'234'567;
  constexpr std::uint64_t step = 0x9e3779b97f4a7c15ULL;
  EXPECT_EQ(split_mix(seed), 6'457'827'717'110'365'317ULL);
  EXPECT_EQ(split_mix(seed + step), 3'203'168'211'198'807'973ULL);
  EXPECT_EQ(split_mix(seed + 2 * step), 9'817'491'932'198'370'423ULL);
}

}  // namespace
}  // namespace loopgate::split_mix_test
