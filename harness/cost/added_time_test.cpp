#include "cost/added_time.h"

#include <gmock/gmock.h>

#include "base/random_draws.h"

namespace loopgate {
namespace {

using testing::DoubleNear;

TEST(AddedTime, IsTheMeanOfThePairsWithStudentsInterval) {
  // 10, 12, 14, 16: mean 13, s = 2.582, t(0.995, 3) = 5.841: 13 +- 7.540
  const auto added = added_time({100, 200, 300, 400}, {110, 212, 314, 416}, 0.99);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_DOUBLE_EQ(added->ns, 13);
  EXPECT_THAT(added->low_ns, DoubleNear(5.460, 0.001));
  EXPECT_THAT(added->high_ns, DoubleNear(20.540, 0.001));
  EXPECT_TRUE(added->is_shown());
}

TEST(AddedTime, OfPairsThatSayTheSameThereIsNoDoubt) {
  const auto added = added_time({100, 230, 270}, {107, 237, 277}, 0.99);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->low_ns, 7);
  EXPECT_EQ(added->high_ns, 7);
}

TEST(AddedTime, OneKernelAgainstItselfShowsNothing) {
  const auto added = added_time({100, 230, 270}, {100, 230, 270}, 0.99);
  ASSERT_TRUE(added);
  EXPECT_FALSE(added->is_shown());
}

TEST(AddedTime, WhatAreNoPairsIsRefused) {
  EXPECT_FALSE(added_time({1, 2}, {1, 2, 3}, 0.99));
  EXPECT_FALSE(added_time({1}, {2}, 0.99));
  EXPECT_FALSE(added_time({}, {}, 0.99));
}

// Of 2,000 pairs of equal kernels about 1 % are told apart: the promised share, and not none.
TEST(AddedTime, ChanceShowsADifferenceAsOftenAsPromised) {
  RandomDraws draws(7);
  int shown = 0;
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::int64_t> before, after;
    for (int replicate = 0; replicate < 8; ++replicate) {
      std::int64_t noise = 0;  // of twelve uniform draws: nearly normal
      for (int draw = 0; draw < 12; ++draw) noise += static_cast<std::int64_t>(draws.below(1001)) - 500;
      before.push_back(20'000);
      after.push_back(20'000 + noise);
    }
    if (added_time(before, after, 0.99)->is_shown()) ++shown;
  }
  EXPECT_GT(shown, 4);
  EXPECT_LT(shown, 40);
}

}  // namespace
}  // namespace loopgate
