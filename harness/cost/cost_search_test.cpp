#include "cost/cost_search.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <numeric>

namespace loopgate {
namespace {

// Kernels of which each difference adds so much.
class MadeUp {
 public:
  explicit MadeUp(std::vector<double> costs) : costs_(std::move(costs)) {
    std::ignore = number_of({});
    std::ignore = number_of(all_changes(costs_.size()));
  }

  std::map<std::size_t, std::size_t> needs;  // a difference, and which must be in with it
  ChangeSet broken;                          // a kernel with the first of them and without the second fails
  double least = 1;
  int most = 1000;
  int measured = 0;

  Result<std::vector<CostPart>> find() {
    std::vector<std::size_t> order(costs_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const CostQuestions questions{
        [&](const ChangeSet& changes) -> Result<std::optional<std::size_t>> {
          ++measured;
          if (fails(changes)) return std::nullopt;
          return number_of(changes);
        },
        [&](const ChangeSet& with, const ChangeSet& more) -> Result<ChangeSet> { return taken(with, more); },
        [&](std::size_t before, std::size_t after) {
          const double apart = std::abs(values_[after] - values_[before]);
          return apart >= least ? apart : 0.0;
        },
        [&] { return measured < most; }};
    return find_costs(order, 0, 1, questions);
  }

  double added(const CostPart& part) const { return values_[part.after] - values_[part.before]; }

 private:
  std::size_t number_of(const ChangeSet& changes) {
    double value = 10;
    for (const std::size_t change : changes) value += costs_[change];
    values_.push_back(value);
    return values_.size() - 1;
  }

  bool fails(const ChangeSet& changes) const {
    return broken.size() == 2 && std::ranges::binary_search(changes, broken[0]) &&
           !std::ranges::binary_search(changes, broken[1]);
  }

  ChangeSet taken(const ChangeSet& with, const ChangeSet& more) const {
    ChangeSet kept;
    for (const std::size_t change : more) {
      const auto need = needs.find(change);
      if (need == needs.end() || std::ranges::binary_search(with, need->second) ||
          std::ranges::binary_search(more, need->second))
        kept.push_back(change);
    }
    return kept;
  }

  std::vector<double> costs_;
  std::vector<double> values_;
};

const CostPart* part_with(const std::vector<CostPart>& parts, std::size_t change) {
  for (const CostPart& part : parts)
    if (std::ranges::binary_search(part.changes, change)) return &part;
  return nullptr;
}

TEST(CostSearch, TheTwoOfSixtyFourThatCostAreFoundAndTheRestIsNotDivided) {
  std::vector<double> costs(64, 0.0);
  costs[5] = 40;
  costs[50] = -7;
  MadeUp kernels(costs);
  const auto parts = kernels.find();
  ASSERT_TRUE(parts) << parts.error().what;
  EXPECT_EQ(part_with(*parts, 5)->changes, ChangeSet{5});
  EXPECT_EQ(part_with(*parts, 50)->changes, ChangeSet{50});
  EXPECT_EQ(kernels.added(*part_with(*parts, 5)), 40);
  EXPECT_EQ(kernels.added(*part_with(*parts, 50)), -7);
  EXPECT_LE(kernels.measured, 12);
  double sum = 0;
  std::size_t changes = 0;
  for (const CostPart& part : *parts) {
    sum += kernels.added(part);
    changes += part.changes.size();
    if (part.changes.size() > 1) EXPECT_EQ(part.not_divided, NotDivided::not_worth);
  }
  EXPECT_EQ(sum, 33);
  EXPECT_EQ(changes, 64U);
}

TEST(CostSearch, WhatIsInFromTheBeginningStaysIn) {
  std::vector<ChangeSet> asked;
  const CostQuestions questions{
      [&](const ChangeSet& changes) -> Result<std::optional<std::size_t>> {
        asked.push_back(changes);
        return std::size_t{2};
      },
      [](const ChangeSet&, const ChangeSet& more) -> Result<ChangeSet> { return more; },
      [](std::size_t before, std::size_t after) { return before == 0 && after == 1 ? 1.0 : 0.0; },
      [] { return true; }};
  ASSERT_TRUE(find_costs({1, 4}, 0, 1, questions, {0, 2, 3}));
  EXPECT_EQ(asked, (std::vector<ChangeSet>{{0, 1, 2, 3}}));
}

TEST(CostSearch, EachPartBeginsWhereTheOneBeforeEnds) {
  MadeUp kernels({3, 3, 3, 3, 3});
  const auto parts = kernels.find();
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 5U);
  EXPECT_EQ(parts->front().before, 0U);
  EXPECT_EQ(parts->back().after, 1U);
  for (std::size_t i = 1; i < parts->size(); ++i) EXPECT_EQ((*parts)[i].before, (*parts)[i - 1].after);
}

// What an option depends on goes in before it, though it comes later.
TEST(CostSearch, WhatDependsOnALaterOneWaitsForIt) {
  MadeUp kernels({5, 0, 0, 0, 0, 0, 0, 9});
  kernels.needs = {{0, 7}};
  const auto parts = kernels.find();
  ASSERT_TRUE(parts);
  EXPECT_EQ(part_with(*parts, 0)->changes, ChangeSet{0});
  EXPECT_EQ(kernels.added(*part_with(*parts, 0)), 5);
  EXPECT_EQ(part_with(*parts, 7)->changes, ChangeSet{7});
  EXPECT_EQ(kernels.added(*part_with(*parts, 7)), 9);
}

TEST(CostSearch, TwoThatNeedEachOtherStayTogether) {
  MadeUp kernels({0, 5, 5, 0});
  kernels.needs = {{1, 2}, {2, 1}};
  const auto parts = kernels.find();
  ASSERT_TRUE(parts);
  EXPECT_EQ(part_with(*parts, 1)->changes, (ChangeSet{1, 2}));
  EXPECT_EQ(part_with(*parts, 1)->not_divided, NotDivided::inseparable);
  EXPECT_EQ(kernels.added(*part_with(*parts, 1)), 10);
}

TEST(CostSearch, AKernelThatFailsIsPassedOver) {
  MadeUp kernels({8, 0, 0, 0, 0, 8});
  kernels.broken = {1, 4};
  const auto parts = kernels.find();
  ASSERT_TRUE(parts);
  EXPECT_EQ(kernels.added(*part_with(*parts, 0)), 8);
  EXPECT_EQ(part_with(*parts, 0)->changes, ChangeSet{0});
}

TEST(CostSearch, OneThatIsStoppedHasDividedTheLargestFirst) {
  std::vector<double> costs(16, 0.0);
  costs[2] = 100;
  costs[12] = 10;
  MadeUp kernels(costs);
  kernels.most = 4;
  const auto parts = kernels.find();
  ASSERT_TRUE(parts);
  EXPECT_EQ(kernels.measured, 4);
  EXPECT_EQ(part_with(*parts, 2)->changes, ChangeSet{2});
  EXPECT_EQ(part_with(*parts, 12)->not_divided, NotDivided::stopped);
}

TEST(CostSearch, NothingWorthDividingIsNotMeasured) {
  MadeUp kernels({0.1, 0.2, 0.3});
  const auto parts = kernels.find();
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 1U);
  EXPECT_EQ(parts->front().not_divided, NotDivided::not_worth);
  EXPECT_EQ(kernels.measured, 0);
}

TEST(CostSearch, AnErrorOfTheBenchEndsIt) {
  CostQuestions questions;
  questions.may_go_on = [] { return true; };
  questions.apart = [](std::size_t, std::size_t) { return 1.0; };
  questions.taken = [](const ChangeSet&, const ChangeSet& more) -> Result<ChangeSet> { return more; };
  questions.measure = [](const ChangeSet&) -> Result<std::optional<std::size_t>> {
    return fail(ErrorKind::infrastructure, "the bench broke");
  };
  const auto parts = find_costs({0, 1}, 0, 1, questions);
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().what, "the bench broke");
}

}  // namespace
}  // namespace loopgate
