#include "record/calibration.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/testing/temp_folder.h"

namespace loopgate::calibration_test {
namespace {

using ::testing::HasSubstr;

Calibration made_up() {
  Calibration calibration;
  calibration.policy = {"release.toml", "p", "t"};
  calibration.suite = {"irq-to-gpio", "s"};
  calibration.board = {"qemu-virt-arm64", "b"};
  calibration.loads = {{"mixed", "l"}};
  calibration.kernels = {{"generic", "k", "i"}};
  calibration.made_with = {"10.0.2", "n", "e", "g", {}};
  calibration.variants = 8;
  calibration.replicates = 8;
  calibration.drawn_replicates = 8;
  calibration.samples = 1'250;
  calibration.seed = 1;
  calibration.permutations = 9'999;
  const BoundedShare none{0, 2'000, 0, 0.0015}, most{1'990, 2'000, 0.99, 0.998}, few{10, 2'000, 0.002, 0.01};
  calibration.draws = {2'000, "all ways", most, few, none, none};
  calibration.pairs = {56, "these", {56, 56, 0.94, 1}, {0, 56, 0, 0.06}, {0, 56, 0, 0.06}, {0, 56, 0, 0.06}};
  calibration.false_alarms = {{"generic", "mixed", none}};
  calibration.found = {{"p50_up_2_percent", "generic", "mixed", 195, most}};
  calibration.not_judged = {"generic x idle"};
  calibration.tests = {{"generic", "mixed", "p50", 3.5, 0.42}};
  return calibration;
}

std::string altered(const std::string& from, const std::string& to) {
  std::string text = to_json(made_up());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  const auto read = parse_calibration(text, "c/calibration.json");
  if (read) return "accepted";
  EXPECT_EQ(read.error().kind, ErrorKind::data);
  return read.error().what;
}

TEST(Calibration, IsReadAsItWasWritten) {
  const std::string text = to_json(made_up());
  const auto read = parse_calibration(text, "c");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(read->pooled(), 64U);
  EXPECT_EQ(read->found.front().found.seen, 1'990U);
  ASSERT_EQ(read->false_alarms.size(), 1U);
  EXPECT_EQ(read->false_alarms.front().seen.of, 2'000U);
  EXPECT_EQ(read->made_with.programs_sha256, "g");
}

TEST(Calibration, WhatContradictsItselfIsRefusedByItsKey) {
  EXPECT_THAT(refusal(""), HasSubstr("c/calibration.json"));
  EXPECT_THAT(refusal("{\"format\": 2}"), HasSubstr("format"));
  EXPECT_THAT(refusal(altered("\"seen\": 1990", "\"seen\": 2001")), HasSubstr("draws.PASS.seen"));
  EXPECT_THAT(refusal(altered("\"seen\": 1990", "\"seen\": 1989")),
              HasSubstr("is not the sum of the verdicts"));
  EXPECT_THAT(refusal(altered("\"low\": 0.99", "\"low\": 0.999")), HasSubstr("draws.PASS.low"));
  EXPECT_THAT(refusal(altered("\"high\": 0.998", "\"high\": 0.5")), HasSubstr("draws.PASS.high"));
  EXPECT_THAT(refusal(altered("p50_up_2_percent", "p50_up_3_percent")), HasSubstr("found[0].plant"));
  EXPECT_THAT(refusal(altered("\"variants\": 8", "\"variants\": 1")), HasSubstr("variants"));
  EXPECT_THAT(refusal(altered("\"drawn_replicates\": 8", "\"drawn_replicates\": 33")),
              HasSubstr("drawn_replicates must be from 1 to half"));
  EXPECT_THAT(refusal(altered("\"confidence\": 0.95", "\"confidence\": 95")), HasSubstr("confidence"));
  EXPECT_THAT(refusal(altered("\"p\": 0.42", "\"p\": 42")), HasSubstr("tests[0].p"));
  EXPECT_THAT(refusal(altered("\"policy\"", "\"politics\"")), HasSubstr("policy is missing"));
}

TEST(Calibration, IsFoundByItsFolderAndByItself) {
  const TempFolder folder;
  const auto none = read_calibration(folder.path());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::usage);
  EXPECT_THAT(none.error().what, HasSubstr("holds no calibration.json"));
  ASSERT_TRUE(write_file_atomically(folder.path() / calibration_file, to_json(made_up())));
  EXPECT_TRUE(read_calibration(folder.path()));
  EXPECT_TRUE(read_calibration(folder.path() / calibration_file));
}

TEST(Calibration, OneThatWasMeasuredIsRead) {
  const auto read =
      read_calibration(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/calibration.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->pooled(), 12U);
  EXPECT_EQ(read->draws.inconclusive.seen, 200U);
  EXPECT_EQ(read->found.front().found.seen, 200U);
}

TEST(Calibration, KnowsItsRegressionsByTheirKeys) {
  EXPECT_STREQ(find_regression("event_of_150_us")->phrase, "150 us in 1 of 2,000 stimuli");
  EXPECT_EQ(find_regression("none"), nullptr);
}

}  // namespace
}  // namespace loopgate::calibration_test
