#include "config/own_model.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "base/file.h"
#include "config/testing/refusal.h"

namespace loopgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* suite_text = R"(
title = "inspects"
requires = ["decisions"]
board = "qemu-virt-arm64"
kernels = ["generic"]
loads = ["mixed"]

[payload]
command = ["/bin/inspect", "--model", "{model}"]

[payload.files]
model = "own.onnx"
model_sha256 = "own.onnx.sha256"

[decisions]

[schedule]
interval_us = [48000, 52000]
warm_up = 5
samples = 400
self_checks = 8
deadline_us = 30000
response_timeout_ms = 45
)";

class OwnModelSuite : public testing::Test {
 protected:
  OwnModelSuite() {
    folder_.write("suites/inspection/own.onnx", "onnx");
    folder_.write("suites/inspection/own.onnx.sha256", "digest");
    suite_ = *read_suite(folder_.write("suites/inspection/suite.toml", suite_text));
    own_.model = folder_.write("mine.tflite", "my model");
    own_.labels = folder_.write("labels.txt", "dent\ngood\n");
  }

  Result<Suite> written() {
    auto place = write_suite_with(own_, suite_, folder_.path() / "out");
    if (!place) return tl::unexpected(place.error());
    EXPECT_EQ(*place, folder_.path() / "out" / "inspection");
    return read_suite(*place / "suite.toml");
  }

  std::vector<std::string> command() {
    const auto suite = written();
    EXPECT_TRUE(suite) << suite.error().what;
    return suite ? std::get<DecisionWork>(suite->work).payload.command : std::vector<std::string>();
  }

  TempFolder folder_;
  Suite suite_;
  OwnModel own_;
};

TEST_F(OwnModelSuite, HasTheModelItsDigestAndItsLabels) {
  own_.ok_classes = {"good", "17"};
  const auto suite = written();
  ASSERT_TRUE(suite) << suite.error().what;
  EXPECT_EQ(suite->name, "inspection");
  const Payload& payload = std::get<DecisionWork>(suite->work).payload;
  ASSERT_EQ(payload.files.size(), 3U);
  EXPECT_EQ(payload.files[0].key, "labels");
  EXPECT_EQ(payload.files[1].file, folder_.path() / "out/inspection/mine.tflite");
  EXPECT_EQ(payload.files[1].sha256, sha256_of("my model"));
  EXPECT_EQ(*read_file(folder_.path() / "out/inspection/mine.tflite.sha256"),
            sha256_of("my model") + "  mine.tflite\n");
  EXPECT_THAT(payload.command, ElementsAre("/bin/inspect", "--model", "{model}", "--labels", "{labels}",
                                           "--ok-classes", "good,17"));
}

TEST_F(OwnModelSuite, SaysWhatTheOutputMeans) {
  own_.labels.clear();
  own_.ok_below = 0.25;
  own_.mean = "0.5";
  own_.deviation = "0.2,0.2,0.3";
  EXPECT_THAT(command(), ElementsAre("/bin/inspect", "--model", "{model}", "--ok-below", "0.25", "--mean",
                                     "0.5", "--std", "0.2,0.2,0.3"));
}

TEST_F(OwnModelSuite, ALongerDeadlineStretchesTheBeat) {
  own_.deadline_us = 60'000;
  auto suite = written();
  ASSERT_TRUE(suite) << suite.error().what;
  StimulusSchedule schedule = std::get<DecisionWork>(suite->work).schedule;
  EXPECT_EQ(schedule.deadline_ns, 60'000'000);
  EXPECT_EQ(schedule.interval_min_ns, 96'000'000);
  EXPECT_EQ(schedule.interval_max_ns, 104'000'000);
  EXPECT_EQ(schedule.response_timeout_ns, 90'000'000);
  own_.deadline_us = 20'000;  // a shorter one does not
  suite = written();
  ASSERT_TRUE(suite) << suite.error().what;
  schedule = std::get<DecisionWork>(suite->work).schedule;
  EXPECT_EQ(schedule.deadline_ns, 20'000'000);
  EXPECT_EQ(schedule.interval_min_ns, 48'000'000);
}

TEST_F(OwnModelSuite, ADeadlineAloneKeepsTheSuitesModel) {
  own_ = {};
  own_.deadline_us = 20'000;
  const auto suite = written();
  ASSERT_TRUE(suite) << suite.error().what;
  EXPECT_EQ(std::get<DecisionWork>(suite->work).payload.files[0].file,
            folder_.path() / "suites/inspection/own.onnx");
}

TEST_F(OwnModelSuite, WrittenAgainIsTheSame) {
  const std::string first = written()->sha256;
  EXPECT_EQ(written()->sha256, first);
}

TEST_F(OwnModelSuite, WhatCannotBeIsRefused) {
  own_.model = folder_.path() / "missing.tflite";
  EXPECT_THAT(written().error().what, HasSubstr("missing.tflite"));
  Suite other = suite_;
  other.toml = "title = \"answers\"\n[payload]\ncommand = [\"/bin/responder\"]\n";
  const auto refused = write_suite_with(own_, other, folder_.path() / "out");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("suite inspection runs no model"));
}

}  // namespace
}  // namespace loopgate
