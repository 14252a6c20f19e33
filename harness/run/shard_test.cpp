#include "run/shard.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "run/testing/fake_machine.h"

namespace loopgate::shard_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

// Two kernels, 12 replicates each, idle and under a load.
Plan plan_of_48() {
  Plan plan = made_up_plan(12);
  Load idle;
  idle.name = "idle";
  plan.loads.push_back(idle);
  for (std::size_t i = 0, cells = plan.cells.size(); i < cells; ++i) {
    Cell cell = plan.cells[i];
    cell.load = 1;
    cell.name = "idle-" + cell.name;
    plan.cells.push_back(cell);
  }
  return plan;
}

std::int64_t cost_of(const Plan& plan, const Shard& shard) {
  std::int64_t cost = 0;
  for (const Cell& cell : plan.cells)
    if (std::ranges::find(shard.cells, cell.name) != shard.cells.end()) cost += expected_cost_ns(plan, cell);
  return cost;
}

class Shards : public ::testing::TestWithParam<int> {
 protected:
  const Plan plan_ = plan_of_48();
  const std::vector<Shard> shards_ = shards_of(plan_, GetParam()).value();
};

TEST_P(Shards, HaveEachCellOnceAndTheCheckedOnesTwice) {
  std::map<std::string, std::size_t> measured;
  std::map<std::string, std::size_t> checked;
  for (const Shard& shard : shards_) {
    EXPECT_EQ(shard.count, GetParam());
    for (const std::string& cell : shard.cells) ++measured[cell];
    for (const std::string& cell : shard.checked) ++checked[cell];
  }
  EXPECT_EQ(measured.size(), 48U);
  for (const auto& [cell, times] : measured) {
    EXPECT_EQ(checked[cell], times == 1 ? 0U : 2U) << cell;
    EXPECT_THAT(times, AllOf(Ge(1U), Le(2U))) << cell;
  }
}

TEST_P(Shards, EachShareACellWithAnother) {
  for (const Shard& shard : shards_) EXPECT_EQ(shard.checked.empty(), GetParam() == 1) << shard.text();
}

TEST_P(Shards, AreOfEqualCostButForOneCell) {
  std::vector<std::int64_t> costs;
  costs.reserve(shards_.size());
  for (const Shard& shard : shards_) costs.push_back(cost_of(plan_, shard));
  std::int64_t dearest = 0;
  for (const Cell& cell : plan_.cells) dearest = std::max(dearest, expected_cost_ns(plan_, cell));
  EXPECT_LE(*std::ranges::max_element(costs) - *std::ranges::min_element(costs), dearest);
}

INSTANTIATE_TEST_SUITE_P(OfSeveralNumbers, Shards, ::testing::Values(1, 2, 3, 7, 8, 47, 48));

TEST(ShardsOf, ALargePlanMeasureOneIn32Twice) {
  const Plan plan = made_up_plan(160);  // 320 cells
  for (const Shard& shard : shards_of(plan, 2).value()) {
    EXPECT_EQ(shard.checked.size(), 10U);
    EXPECT_EQ(shard.cells.size(), 165U);
  }
}

// What two machines work out for themselves must be the same, be they of two versions of Loopgate.
TEST(ShardsOf, APlanAreAlwaysTheSame) {
  const Plan plan = made_up_plan(4);
  const auto shards = shards_of(plan, 2).value();
  EXPECT_EQ(shards, shards_of(plan, 2).value());
  EXPECT_THAT(shards[0].cells, ElementsAre("generic.storm", "generic.storm.2", "preempt-rt.storm.2",
                                           "preempt-rt.storm.3", "preempt-rt.storm.4"));
  EXPECT_THAT(shards[1].cells,
              ElementsAre("preempt-rt.storm", "generic.storm.2", "generic.storm.3", "generic.storm.4"));
  EXPECT_EQ(shards[0].checked, shards[1].checked);
}

TEST(ShardsOf, ASeedCheckOtherCells) {
  Plan plan = made_up_plan(40);
  std::vector<std::vector<std::string>> checked;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    plan.seed = seed;
    checked.push_back(shards_of(plan, 2).value()[0].checked);
  }
  std::ranges::sort(checked);
  EXPECT_GE(std::ranges::unique(checked).begin() - checked.begin(), 6);
}

TEST(ExpectedCost, OfAnIdleCellIsLess) {
  const Plan plan = plan_of_48();
  EXPECT_LT(expected_cost_ns(plan, plan.cells.back()), expected_cost_ns(plan, plan.cells.front()));
}

TEST(ShardOf, NamesOneOfThem) {
  const Plan plan = made_up_plan(4);
  EXPECT_EQ(shard_of(plan, "2/8").value(), shards_of(plan, 8).value()[1]);
  EXPECT_EQ(shard_of(plan, "8/8").value().text(), "shard 8 of 8");
}

TEST(ShardOf, RefusesWhatIsNone) {
  const Plan plan = made_up_plan(4);
  const auto refusal = [&](const std::string& text) {
    const auto shard = shard_of(plan, text);
    if (shard) return std::string("accepted");
    EXPECT_EQ(shard.error().kind, ErrorKind::usage);
    EXPECT_NE(shard.error().next_step, "");
    return shard.error().what;
  };
  for (const char* text : {"x", "", "/", "2", "2/", "/8", "2/8/9", "2/8x", " 2/8", "2.0/8", "99999999999/8"})
    EXPECT_EQ(refusal(text), std::string("--shard ") + text + ": is no shard");
  EXPECT_EQ(refusal("0/8"), "--shard 0/8: there is no shard 0 of 8");
  EXPECT_EQ(refusal("9/8"), "--shard 9/8: there is no shard 9 of 8");
  EXPECT_EQ(refusal("-1/8"), "--shard -1/8: there is no shard -1 of 8");
  EXPECT_EQ(refusal("0/0"), "--shard 0/0: there is no shard 0 of 0");
  EXPECT_EQ(refusal("1/9"), "9 shards are asked for, and the plan has 8 cells");
}

TEST(ShardOf, ABoardIsRefused) {
  const auto shard = shard_of(made_up_plan_of_a_board(4), "1/2");
  ASSERT_FALSE(shard);
  EXPECT_EQ(shard.error().what,
            "board qemu-arm64-disk is one machine, in wall-clock time: its run has no shards");
}

TEST(OwnPart, IsTheWholeWithoutAShard) {
  Plan plan = made_up_plan(4);
  EXPECT_EQ(own_part(plan).cells.size(), 8U);
  plan.shard = shard_of(plan, "2/2").value();
  std::vector<std::string> names;
  for (const Cell& cell : own_part(plan).cells) names.push_back(cell.name);
  EXPECT_EQ(names, plan.shard->cells);
}

}  // namespace
}  // namespace loopgate::shard_test
