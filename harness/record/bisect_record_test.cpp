#include "record/bisect_record.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using testing::HasSubstr;

BisectRecord some_bisection() {
  BisectRecord record;
  record.inputs_sha256 = "ab";
  record.suite = {"irq-to-gpio", "1"};
  record.board = {"qemu-virt-arm64", "2"};
  record.loads = {{"mixed", "3"}};
  record.policy = {"p.toml", "4"};
  record.good = {"good", "5"};
  record.bad = {"bad", "6"};
  record.changes = {{"argument", "", "audit=1", "argument audit=1"}};
  record.commits = {"c0ffee"};
  BisectStep step;
  step.name = "1";
  step.changes = {0};
  step.commit = "c0ffee";
  step.what = "the bad end";
  step.result = StepResult::cannot_test;
  step.why = "it does not build";
  step.seen = 1.5;
  step.kernel_failed = true;
  record.steps = {step};
  return record;
}

TEST(BisectRecord, IsReadBackAsItWasWritten) {
  BisectRecord record = some_bisection();
  record.answer = BisectAnswer{{0}, {}, {"c0ffee"}, "good", "The good end is bad.", true};
  const std::string text = to_json(record);
  const auto again = parse_bisect_record(text, "bisect.json");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(to_json(*again), text);
  ASSERT_EQ(again->steps.size(), 1U);
  EXPECT_EQ(again->steps[0].result, StepResult::cannot_test);
  EXPECT_EQ(again->steps[0].limit, std::nullopt);
  EXPECT_TRUE(again->answer->sure);
}

TEST(BisectRecord, OneThatGoesOnHasNoAnswer) {
  const auto again = parse_bisect_record(to_json(some_bisection()), "bisect.json");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->answer, std::nullopt);
}

// A result that somebody turned is no result.
TEST(BisectRecord, WhatWasAlteredOrCutOffIsRefused) {
  const std::string text = to_json(some_bisection());
  std::string altered = text;
  altered.replace(altered.find("cannot test"), 11, "bad");
  for (const std::string& wrong :
       {altered, text.substr(0, text.size() / 2), std::string(), std::string("{}\n")}) {
    const auto read = parse_bisect_record(wrong, "bisect.json");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    EXPECT_THAT(read.error().what, HasSubstr("bisect.json"));
  }
}

}  // namespace
}  // namespace loopgate
