#include "record/cost_file.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using testing::HasSubstr;

CostRecord some_cost() {
  CostRecord record;
  record.inputs_sha256 = "ab";
  record.suite = {"irq-to-gpio", "1"};
  record.board = {"qemu-virt-arm64", "2"};
  record.load = {"mixed", "3"};
  record.from = {"trimmed-rt", "5"};
  record.to = {"preempt-rt", "6"};
  record.by = "p50";
  record.least_ns = 100;
  record.confidence = 0.99;
  record.changes = {{"option", "", "CONFIG_AUDIT=y", "option CONFIG_AUDIT=y"}};
  record.left_out = {{"option", "", "CONFIG_X=m", "option CONFIG_X=m"}};
  record.left_out_why = "it is a module";
  CostStep step;
  step.name = "from";
  step.measured = true;
  step.by_ns = {11'700, 11'690};
  step.p50_ns = 11'690;
  step.image_bytes = 5'700'000;
  record.steps = {step};
  CostRow row;
  row.changes = {0};
  row.what = "CONFIG_AUDIT=y";
  row.before = "from";
  row.after = "to";
  row.added = {410, 400, 420};
  row.functions = {{"audit_filter_syscall", 300}};
  record.rows = {row};
  record.hidden = HiddenCost{{0}, "2", AddedTime{3, -1, 7}, "", {row}};
  record.total = AddedTime{410, 400, 420};
  return record;
}

TEST(CostFile, IsReadBackAsItWasWritten) {
  const std::string text = to_json(some_cost());
  const auto again = parse_cost_record(text, "cost.json");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(to_json(*again), text);
  EXPECT_EQ(again->steps[0].by_ns, (std::vector<std::int64_t>{11'700, 11'690}));
  EXPECT_EQ(again->steps[0].boot_s, std::nullopt);
  EXPECT_EQ(again->rows[0].taken_out, std::nullopt);
  EXPECT_EQ(again->chance, std::nullopt);
}

TEST(CostFile, WhatWasAlteredOrCutOffIsRefused) {
  const std::string text = to_json(some_cost());
  std::string altered = text;
  altered.replace(altered.find("410"), 3, "110");
  for (const std::string& wrong :
       {altered, text.substr(0, text.size() / 2), std::string(), std::string("{}\n")}) {
    const auto read = parse_cost_record(wrong, "cost.json");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().what, HasSubstr("cost.json"));
  }
}

TEST(CostFile, ACostIsShownAndNotLessThanTheLeast) {
  EXPECT_TRUE(is_cost({100, 90, 110}, 100));
  EXPECT_TRUE(is_cost({-100, -110, -90}, 100));
  EXPECT_FALSE(is_cost({99, 90, 110}, 100));
  EXPECT_FALSE(is_cost({200, -10, 410}, 100));
}

TEST(CostFile, AnIntervalWithoutZeroIsShown) {
  EXPECT_TRUE((AddedTime{5, 1, 9}).is_shown());
  EXPECT_TRUE((AddedTime{-5, -9, -1}).is_shown());
  EXPECT_FALSE((AddedTime{5, -1, 11}).is_shown());
  EXPECT_FALSE((AddedTime{0, 0, 0}).is_shown());
}

}  // namespace
}  // namespace loopgate
