#include "base/random_draws.h"

#include <gmock/gmock.h>

#include <set>

namespace loopgate::random_draws_test {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(RandomDraws, AreTheSameForEqualSeedsAndOthersForOthers) {
  RandomDraws one(7), same(7), other(8), listed(7, {1, 2}), listed_otherwise(7, {2, 1});
  const std::uint64_t first = one.next();
  EXPECT_EQ(first, same.next());
  EXPECT_EQ(one.next(), same.next());
  EXPECT_EQ((std::set{first, other.next(), listed.next(), listed_otherwise.next()}).size(), 4U);
}

TEST(RandomDraws, ChooseDifferentNumbersAndInTheEndAllOfThem) {
  EXPECT_THAT(RandomDraws(1).choose(4, 4), UnorderedElementsAre(0, 1, 2, 3));
  EXPECT_THAT(RandomDraws(1).choose(0, 4), ElementsAre());
  std::array<int, 6> counts{};
  RandomDraws random(3);
  for (int i = 0; i < 6'000; ++i)
    for (const std::size_t each : random.choose(2, 6)) ++counts[each];
  for (const int count : counts) EXPECT_NEAR(count, 2'000, 160);  // four standard deviations
}

TEST(RandomDraws, StayBelowTheirEnd) {
  RandomDraws random(5);
  for (int i = 0; i < 1'000; ++i) EXPECT_LT(random.below(3), 3U);
  EXPECT_EQ(random.below(1), 0U);
}

}  // namespace
}  // namespace loopgate::random_draws_test
