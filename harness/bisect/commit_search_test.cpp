#include "bisect/commit_search.h"

#include <gmock/gmock.h>

#include <set>

#include "base/random_draws.h"

namespace loopgate {
namespace {

using testing::ElementsAre;

CommitGraph in_a_row(std::size_t count) {
  CommitGraph graph;
  for (std::size_t i = 0; i < count; ++i)
    graph.parents.push_back(i == 0 ? std::vector<std::size_t>() : std::vector<std::size_t>{i - 1});
  return graph;
}

// Counts what is judged, and refuses to judge a commit twice.
struct CountedJudge {
  std::size_t culprit = 0;
  std::set<std::size_t> cannot_test = {};
  std::set<std::size_t> undecided = {};
  std::set<std::size_t> judged = {};

  JudgeCommit judge() {
    return [this](std::size_t commit) -> Result<StepResult> {
      EXPECT_TRUE(judged.insert(commit).second) << "commit " << commit << " is judged twice";
      if (cannot_test.contains(commit)) return StepResult::cannot_test;
      if (undecided.contains(commit)) return StepResult::undecided;
      return commit >= culprit ? StepResult::bad : StepResult::good;
    };
  }
};

// With both ends that is eight kernels.
TEST(CommitSearch, FindsEachOf64CommitsWithSixJudgements) {
  for (std::size_t culprit = 0; culprit < 64; ++culprit) {
    CountedJudge counted{culprit};
    const auto found = find_first_bad(in_a_row(64), counted.judge());
    ASSERT_TRUE(found);
    EXPECT_THAT(found->suspects, ElementsAre(culprit));
    EXPECT_LE(counted.judged.size(), 6U);
    EXPECT_FALSE(counted.judged.contains(63)) << "the bad end is known";
  }
}

TEST(CommitSearch, PassesOverThreeThatCannotBeTested) {
  CountedJudge counted{40, {31, 32, 47}};
  const auto found = find_first_bad(in_a_row(64), counted.judge());
  ASSERT_TRUE(found);
  EXPECT_THAT(found->suspects, ElementsAre(40));
  EXPECT_LE(counted.judged.size(), 10U);
}

TEST(CommitSearch, NamesAllThatMayBeItWhereTheyCannotBeTold) {
  CountedJudge counted{40, {38, 39}, {40}};
  const auto found = find_first_bad(in_a_row(64), counted.judge());
  ASSERT_TRUE(found);
  EXPECT_THAT(found->suspects, ElementsAre(38, 39, 40, 41));
}

TEST(CommitSearch, WhereNothingCanBeTestedAllAreSuspects) {
  CountedJudge counted{2, {0, 1, 2}};
  const auto found = find_first_bad(in_a_row(4), counted.judge());
  ASSERT_TRUE(found);
  EXPECT_THAT(found->suspects, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(counted.judged.size(), 3U);
}

TEST(CommitSearch, OneCommitIsTheCulpritWithoutAnyJudgement) {
  CountedJudge counted{0};
  const auto found = find_first_bad(in_a_row(1), counted.judge());
  ASSERT_TRUE(found);
  EXPECT_THAT(found->suspects, ElementsAre(0));
  EXPECT_TRUE(counted.judged.empty());
}

TEST(CommitSearch, AnErrorEndsTheSearch) {
  std::size_t calls = 0;
  const auto found = find_first_bad(in_a_row(64), [&](std::size_t) -> Result<StepResult> {
    ++calls;
    return fail(ErrorKind::infrastructure, "the disk is full");
  });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().what, "the disk is full");
  EXPECT_EQ(calls, 1U);
}

// Each commit has the one before as its parent or an older one, and now and then a second parent.
CommitGraph random_graph(RandomDraws* random, std::size_t count) {
  CommitGraph graph;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::size_t> parents;
    if (i > 0) parents.push_back(i - 1 - random->below(std::min<std::uint64_t>(i, 3)));
    if (i > 3 && random->below(3) == 0) parents.push_back(random->below(i));
    graph.parents.push_back(parents);
  }
  return graph;
}

std::set<std::size_t> built_on(const CommitGraph& graph, std::size_t culprit) {
  std::set<std::size_t> bad = {culprit};
  for (std::size_t i = culprit + 1; i < graph.parents.size(); ++i)
    for (const std::size_t parent : graph.parents[i])
      if (bad.contains(parent)) bad.insert(i);
  return bad;
}

TEST(CommitSearch, FindsACulpritInHistoriesWithMerges) {
  RandomDraws random(16);
  std::size_t searched = 0;
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 2 + random.below(80);
    const CommitGraph graph = random_graph(&random, count);
    const std::size_t culprit = random.below(count);
    const std::set<std::size_t> bad = built_on(graph, culprit);
    if (!bad.contains(count - 1)) continue;  // the bad end would be good
    ++searched;
    const auto found = find_first_bad(graph, [&](std::size_t commit) -> Result<StepResult> {
      return bad.contains(commit) ? StepResult::bad : StepResult::good;
    });
    ASSERT_TRUE(found);
    EXPECT_THAT(found->suspects, ElementsAre(culprit)) << "round " << round;
  }
  EXPECT_GT(searched, 50U);
}

// Where the judge is not monotone it still ends, and what it names is bad after a good parent.
TEST(CommitSearch, AJudgeThatIsNotMonotoneStillGetsATransition) {
  RandomDraws random(4);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 1 + random.below(100);
    std::vector<StepResult> truth;
    for (std::size_t i = 0; i < count; ++i)
      truth.push_back(random.below(2) == 0 ? StepResult::good : StepResult::bad);
    truth.back() = StepResult::bad;
    const auto found =
        find_first_bad(in_a_row(count), [&](std::size_t i) -> Result<StepResult> { return truth[i]; });
    ASSERT_TRUE(found);
    ASSERT_EQ(found->suspects.size(), 1U);
    const std::size_t first = found->suspects.front();
    EXPECT_EQ(truth[first], StepResult::bad);
    if (first > 0) {
      EXPECT_EQ(truth[first - 1], StepResult::good);
    }
  }
}

}  // namespace
}  // namespace loopgate
