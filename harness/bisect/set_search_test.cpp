#include "bisect/set_search.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/random_draws.h"

namespace loopgate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

bool holds_all(const ChangeSet& changes, const ChangeSet& some) {
  return std::ranges::includes(changes, some);
}

// Bad with all of `culprits`; cannot be tested where `needs` second without first is asked for.
struct PlantedSet {
  ChangeSet culprits;
  std::vector<std::pair<std::size_t, std::size_t>> needs = {};
  std::set<ChangeSet> judged = {};

  JudgeSet judge() {
    return [this](const ChangeSet& changes) -> Result<StepResult> {
      EXPECT_TRUE(judged.insert(changes).second) << "a set is judged twice";
      EXPECT_FALSE(changes.empty()) << "the good end is known";
      EXPECT_TRUE(std::ranges::is_sorted(changes));
      for (const auto& [what, needed] : needs)
        if (holds_all(changes, {what}) && !holds_all(changes, {needed})) return StepResult::cannot_test;
      return holds_all(changes, culprits) ? StepResult::bad : StepResult::good;
    };
  }
};

TEST(SetSearch, FindsACulpritArgumentOf64InTwelveJudgements) {
  for (std::size_t culprit = 0; culprit < 64; ++culprit) {
    PlantedSet planted{{culprit}};
    const auto found = find_minimal_set(64, planted.judge());
    ASSERT_TRUE(found);
    EXPECT_THAT(found->changes, ElementsAre(culprit));
    EXPECT_THAT(found->not_shown_needed, IsEmpty());
    EXPECT_LE(planted.judged.size(), 12U);
  }
}

TEST(SetSearch, FindsEachPairThatOnlyActsTogether) {
  for (std::size_t one = 0; one < 12; ++one) {
    for (std::size_t other = one + 1; other < 12; ++other) {
      PlantedSet planted{{one, other}};
      const auto found = find_minimal_set(12, planted.judge());
      ASSERT_TRUE(found);
      EXPECT_THAT(found->changes, ElementsAre(one, other));
      EXPECT_THAT(found->not_shown_needed, IsEmpty());
      EXPECT_LE(planted.judged.size(), 40U);
    }
  }
}

// An option that depends on another cannot be had without it.
TEST(SetSearch, SaysWhatCouldNotBeShownToBeNeeded) {
  PlantedSet planted{{5}, {{5, 2}}};
  const auto found = find_minimal_set(8, planted.judge());
  ASSERT_TRUE(found);
  EXPECT_THAT(found->changes, ElementsAre(2, 5));
  EXPECT_THAT(found->not_shown_needed, ElementsAre(2));
}

TEST(SetSearch, WhatIsUndecidedIsNeitherGoodNorBad) {
  const auto found = find_minimal_set(2, [](const ChangeSet& changes) -> Result<StepResult> {
    return changes == ChangeSet{0} ? StepResult::undecided : StepResult::good;
  });
  ASSERT_TRUE(found);
  EXPECT_THAT(found->changes, ElementsAre(0, 1));
  EXPECT_THAT(found->not_shown_needed, ElementsAre(1));
}

TEST(SetSearch, OneDifferenceIsTheCulpritWithoutAnyJudgement) {
  PlantedSet planted{{0}};
  const auto found = find_minimal_set(1, planted.judge());
  ASSERT_TRUE(found);
  EXPECT_THAT(found->changes, ElementsAre(0));
  EXPECT_THAT(planted.judged, IsEmpty());
}

TEST(SetSearch, AnErrorEndsTheSearch) {
  const auto found = find_minimal_set(4, [](const ChangeSet&) -> Result<StepResult> {
    return fail(ErrorKind::infrastructure, "QEMU was killed");
  });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().what, "QEMU was killed");
}

// Whatever the judge says, also where more differences make it good again: what is found is bad, and good
// without any one of it, but for those that are named.
TEST(SetSearch, WhatIsFoundIsMinimalForAnyJudge) {
  RandomDraws random(72);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 1 + random.below(16);
    const std::uint64_t salt = random.below(1'000'000);
    const auto truth = [&](const ChangeSet& changes) {
      if (changes.empty()) return StepResult::good;
      if (changes.size() == count) return StepResult::bad;
      std::uint64_t hash = salt;
      for (const std::size_t change : changes) hash = split_mix(hash + change);
      constexpr StepResult drawn[] = {StepResult::bad, StepResult::good, StepResult::good,
                                      StepResult::cannot_test};
      return drawn[hash % 4];
    };
    const auto found =
        find_minimal_set(count, [&](const ChangeSet& set) -> Result<StepResult> { return truth(set); });
    ASSERT_TRUE(found);
    EXPECT_EQ(truth(found->changes), StepResult::bad);
    for (const std::size_t change : found->changes) {
      const StepResult rest = truth(without(found->changes, {change}));
      EXPECT_EQ(std::ranges::count(found->not_shown_needed, change), rest == StepResult::good ? 0 : 1);
      EXPECT_NE(rest, StepResult::bad);
    }
  }
}

}  // namespace
}  // namespace loopgate
