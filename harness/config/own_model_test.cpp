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

  // Once a suite was written, it stays.
  std::string refused_after_one() {
    const auto suite = written();
    return suite ? "accepted" : suite.error().what;
  }

  std::filesystem::path payload_file(const std::string& key) {
    const auto suite = written();
    if (!suite) return {};
    for (const PayloadFile& file : payload_of(suite->work).files)
      if (file.key == key) return file.file;
    return {};
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

// Its gap belongs to what is measured: stretched, it would lower the rate.
TEST_F(OwnModelSuite, BackToBackThereIsNoBeatToStretch) {
  std::string text = suite_text;
  text.replace(text.find("[48000, 52000]"), 14, "[100, 200]\nback_to_back = true");
  suite_ = *read_suite(folder_.write("suites/inspection/suite.toml", text));
  own_.deadline_us = 60'000;
  const auto suite = written();
  ASSERT_TRUE(suite) << suite.error().what;
  const StimulusSchedule& schedule = std::get<DecisionWork>(suite->work).schedule;
  EXPECT_EQ(schedule.interval_min_ns, 100'000);
  EXPECT_EQ(schedule.interval_max_ns, 200'000);
  EXPECT_EQ(schedule.response_timeout_ns, 90'000'000);
}

TEST_F(OwnModelSuite, SaysWhichThreadPreparesThePictures) {
  own_ = {};
  own_.preprocess = "own-thread";
  EXPECT_TRUE(own_.is_asked_for());
  EXPECT_THAT(command(), ElementsAre("/bin/inspect", "--model", "{model}", "--preprocess", "own-thread"));
  own_.preprocess_cpu = 2;
  EXPECT_THAT(command(), ElementsAre("/bin/inspect", "--model", "{model}", "--preprocess", "own-thread",
                                     "--preprocess-cpu", "2"));
}

// 26 inferences come before it says READY.
TEST_F(OwnModelSuite, AModelThatMayTakeLongHasTimeToBegin) {
  const auto ready_ms = [&] { return std::get<DecisionWork>(written()->work).payload.ready_timeout_ms; };
  const int shipped = ready_ms();
  own_.deadline_us = 5'000'000;
  EXPECT_GE(ready_ms(), 26 * 5'000);
  EXPECT_GT(ready_ms(), shipped);
  own_.deadline_us = 60'000'000;
  EXPECT_LE(ready_ms(), 600'000) << "the longest that a suite may say";
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

// ---- Pictures ----

class OwnImagesSuite : public OwnModelSuite {
 protected:
  OwnImagesSuite() {
    own_.images = folder_.path() / "pictures";
    own_.model.clear();
    own_.labels.clear();
  }
  void add(const std::string& name, const std::string& bytes = "picture") {
    folder_.write("pictures/" + name, bytes);
  }
  DecisionWork work() {
    const auto suite = written();
    EXPECT_TRUE(suite) << suite.error().what;
    return suite ? std::get<DecisionWork>(suite->work) : DecisionWork();
  }
  std::string refused() {
    const auto suite = written();
    if (suite) return "accepted";
    EXPECT_EQ(suite.error().kind, ErrorKind::usage);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "out")) << "nothing is left of it";
    return suite.error().what;
  }
};

TEST_F(OwnImagesSuite, FoldersAreLabels) {
  add("OK/2.png");
  add("NG/1.png");
  add("3.pgm");
  add("notes.txt");
  const DecisionWork read = work();
  EXPECT_EQ(read.truth, "?-+") << "3.pgm, NG/1.png, OK/2.png";
  EXPECT_THAT(read.payload.command,
              ElementsAre("/bin/inspect", "--model", "{model}", "--camera", "{images}"));
  EXPECT_EQ(payload_file("images"), folder_.path() / "out/inspection/images.tar");
}

// A suite that was kept, as the page says, with the pictures of another day.
TEST_F(OwnImagesSuite, WhatWasSaidOfOtherPicturesIsNotSaidOfThese) {
  add("1.png");
  suite_.toml += "\n[decisions.truth]\n\"1.png\" = \"OK\"\n";
  EXPECT_EQ(work().truth, "?");
}

TEST_F(OwnImagesSuite, TheSamePicturesMakeTheSameSuite) {
  add("OK/2.png");
  const std::string once = written()->sha256;
  EXPECT_EQ(written()->sha256, once);
}

TEST_F(OwnImagesSuite, LabelsAreTheModelsClasses) {
  own_.model = folder_.path() / "mine.tflite";
  own_.labels = folder_.path() / "labels.txt";  // dent, good
  own_.ok_classes = {"good"};
  add("dent/1.png");
  add("good/2.png");
  add("0/3.png");
  add("1/4.png");
  EXPECT_EQ(work().truth, "-+-+") << "0/3, 1/4, dent/1, good/2";
  add("godo/5.png");
  EXPECT_THAT(refused_after_one(), HasSubstr("godo/5.png: its label godo is neither OK nor NG"));
}

// A folder called "good" was counted as NG where --ok-classes had its number alone.
TEST_F(OwnImagesSuite, ANameMeansNothingWhereClassesAreNumbers) {
  own_.model = folder_.path() / "mine.tflite";
  own_.ok_classes = {"1"};
  add("1/a.png");
  add("0/b.png");
  EXPECT_EQ(work().truth, "-+");
  add("good/c.png");
  EXPECT_THAT(refused_after_one(), HasSubstr("good/c.png: its label good is neither"));
}

TEST_F(OwnImagesSuite, AFileMayHaveTheLabels) {
  add("1.png");
  add("2.png");
  own_.image_labels = folder_.write("l.csv", "# picture,label\r\n2.png,NG\r\n");
  EXPECT_EQ(work().truth, "?-");
  own_.image_labels = folder_.write("l.csv", "3.png,NG\n");
  EXPECT_THAT(refused_after_one(), HasSubstr("l.csv:1: 3.png is no picture of the folder"));
  own_.image_labels = folder_.write("l.csv", "2.png,NG\n2.png,OK\n");
  EXPECT_THAT(refused_after_one(), HasSubstr("l.csv:2: 2.png has a label already"));
  own_.image_labels = folder_.write("l.csv", "2.png\n");
  EXPECT_THAT(refused_after_one(), HasSubstr("must be NAME,LABEL"));
}

TEST_F(OwnImagesSuite, OfANetworkThatIsNoClassifierNothingIsJudged) {
  own_.model = folder_.path() / "mine.tflite";
  own_.raw = true;
  add("anything/1.png");
  EXPECT_EQ(work().truth, "?");
  own_.images.clear();
  EXPECT_EQ(work().truth, "?") << "of the synthetic camera's parts neither";
  EXPECT_FALSE(work().pictures);
}

TEST_F(OwnImagesSuite, WhatWouldBeLeftOutIsRefused) {
  EXPECT_THAT(refused(), HasSubstr("pictures: cannot be read"));
  add("notes.txt");
  EXPECT_THAT(refused(), HasSubstr("has no pictures"));
  add("OK/a.JPG");
  EXPECT_THAT(refused(), HasSubstr("a.JPG: pictures must be .png or .pgm"));
  std::filesystem::remove(own_.images / "OK/a.JPG");
  add("OK/deep/a.png");
  EXPECT_THAT(refused(), HasSubstr("more than one folder below"));
  std::filesystem::remove_all(own_.images / "OK");
  add(std::string(101, 'n') + ".png");
  EXPECT_THAT(refused(), HasSubstr("longer than 100 characters"));
}

TEST_F(OwnImagesSuite, AFolderMayBeALink) {
  folder_.write("elsewhere/a.png", "good");
  add("NG/b.png", "bad");
  std::filesystem::create_directory_symlink(folder_.path() / "elsewhere", own_.images / "OK");
  EXPECT_EQ(work().truth, "-+") << "NG/b.png, OK/a.png";
}

TEST_F(OwnImagesSuite, ALinkToAFolderAboveHasAnEnd) {
  add("a.png");
  std::filesystem::create_directory_symlink(own_.images, own_.images / "OK");
  EXPECT_THAT(refused(), HasSubstr("more than one folder below"));
  std::filesystem::remove(own_.images / "a.png");
  add("notes.txt");
  EXPECT_THAT(refused(), HasSubstr("is a link to a folder above it?"));
}

TEST_F(OwnModelSuite, WhatHasNoEndIsNoModel) {
  for (const char* device : {"/dev/zero", "/dev/null"}) {
    own_.model = device;
    EXPECT_THAT(refused_after_one(), HasSubstr(std::string(device) + ": is no regular file"));
  }
}

}  // namespace
}  // namespace loopgate
