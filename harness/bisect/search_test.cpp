#include "bisect/search.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace loopgate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SearchSpace with_64_commits(std::size_t changes, std::size_t commit_change) {
  SearchSpace space{changes, commit_change, {}, {}};
  for (std::size_t i = 0; i < 64; ++i) {
    space.commits.push_back(std::to_string(100 + i));
    space.graph.parents.push_back(i == 0 ? std::vector<std::size_t>() : std::vector<std::size_t>{i - 1});
  }
  return space;
}

// Bad from the commit 140 on, and, where `option` is given, with that change alone.
struct PlantedCommit {
  std::optional<std::size_t> option = {};
  std::set<std::string> asked = {};

  StepResult truth(const Trial& trial) const {
    const bool commits = std::ranges::binary_search(trial.changes, 0U);
    const std::string commit = trial.commit.empty() ? "163" : trial.commit;
    const bool slow = commits && commit >= "140" && trial.reverted != "140";
    const bool on = !option || std::ranges::binary_search(trial.changes, *option);
    return slow && on ? StepResult::bad : StepResult::good;
  }
  JudgeTrial judge() {
    return [this](const Trial& trial) -> Result<StepResult> {
      asked.insert(trial.key());
      return truth(trial);
    };
  }
};

// With both ends, eight kernels to find it, and one to take it back.
TEST(Search, FindsACommitOf64AndTakesItBack) {
  PlantedCommit planted;
  const auto found = find_culprit(with_64_commits(1, 0), planted.judge());
  ASSERT_TRUE(found);
  EXPECT_THAT(found->commits, ElementsAre("140"));
  EXPECT_EQ(found->taken_back, StepResult::good);
  EXPECT_LE(planted.asked.size(), 7U);
  EXPECT_TRUE(planted.asked.contains("changes 0, without commit 140"));
}

TEST(Search, FindsACommitThatOnlyActsWithAnOption) {
  PlantedCommit planted{2};
  const auto found = find_culprit(with_64_commits(4, 0), planted.judge());
  ASSERT_TRUE(found);
  EXPECT_THAT(found->set.changes, ElementsAre(0, 2));
  EXPECT_THAT(found->commits, ElementsAre("140"));
  EXPECT_EQ(found->taken_back, StepResult::good);
}

// Either of the two is enough: the one that is found is a culprit, and not the only one.
TEST(Search, SaysThatTheBadEndStaysBadWhereThereIsAnotherCulprit) {
  const SearchSpace space{4, {}, {}, {}};
  const auto found = find_culprit(space, [](const Trial& trial) -> Result<StepResult> {
    const bool slow =
        std::ranges::binary_search(trial.changes, 1U) || std::ranges::binary_search(trial.changes, 3U);
    return slow ? StepResult::bad : StepResult::good;
  });
  ASSERT_TRUE(found);
  EXPECT_THAT(found->set.changes, ElementsAre(1));
  EXPECT_EQ(found->taken_back, StepResult::bad);
}

TEST(Search, TakesNothingBackWhereTheCommitIsNotKnown) {
  const auto found = find_culprit(with_64_commits(1, 0), [](const Trial& trial) -> Result<StepResult> {
    if (trial.commit >= "138" && trial.commit <= "141") return StepResult::cannot_test;
    return trial.commit >= "140" ? StepResult::bad : StepResult::good;
  });
  ASSERT_TRUE(found);
  EXPECT_THAT(found->commits, ElementsAre("138", "139", "140", "141", "142"));
  EXPECT_EQ(found->taken_back, std::nullopt);
}

TEST(Search, WhereAllChangesAreNeededNothingIsLeftToJudge) {
  std::size_t asked = 0;
  const auto found = find_culprit({1, {}, {}, {}}, [&](const Trial&) -> Result<StepResult> {
    ++asked;
    return StepResult::bad;
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(asked, 0U);
  EXPECT_EQ(found->taken_back, StepResult::good);
  EXPECT_THAT(found->commits, IsEmpty());
}

}  // namespace
}  // namespace loopgate
