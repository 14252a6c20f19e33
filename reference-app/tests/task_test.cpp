// What a model's output means, and how it wants its pictures.
#include "task/task.h"

#include <gtest/gtest.h>

#include "formats/picture_of.h"
#include "task/labels.h"
#include "tests/temporary_folder.h"

namespace loopgate::inspection {
namespace {

using Values = std::vector<std::int8_t>;

Activation output_of(std::size_t values) { return {"out", {1, values}, 0.5F, -10, {}}; }

std::string refusal(const TaskOptions& options, std::size_t values) {
  const Result<Task> task = Task::of(options, output_of(values), {}, "m");
  return task ? "not refused" : task.error().what;
}

TEST(Task, TheLargestOfManyClassesDecides) {
  const Result<Task> task = Task::of(
      {.labels = {"dent", "good", "fine", "scratch"}, .ok_classes = {"good", "2"}}, output_of(4), {}, "m");
  ASSERT_TRUE(task) << task.error().what;
  Scores scores = task->judge(Values{-10, 4, 10, 8});
  EXPECT_FLOAT_EQ(scores.ok, 10);
  EXPECT_FLOAT_EQ(scores.ng, 9);
  scores = task->judge(Values{20, 4, 10, 8});
  EXPECT_GT(scores.ng, scores.ok);
  EXPECT_EQ(task->top(Values{1, 7, 7, 0}), 1U);
}

TEST(Task, OneValueIsHeldAgainstAThreshold) {
  const Result<Task> above = Task::of({.ok_above = 3.0F}, output_of(1), {}, "m");
  ASSERT_TRUE(above) << above.error().what;
  EXPECT_GT(above->judge(Values{-2}).ok, above->judge(Values{-2}).ng);  // 4
  EXPECT_LE(above->judge(Values{-4}).ok, above->judge(Values{-4}).ng);  // 3, which is not above
  const Result<Task> below = Task::of({.ok_below = 3.0F}, output_of(1), {}, "m");
  ASSERT_TRUE(below) << below.error().what;
  EXPECT_LT(below->judge(Values{-2}).ok, below->judge(Values{-2}).ng);
  EXPECT_GT(below->judge(Values{-6}).ok, below->judge(Values{-6}).ng);
}

TEST(Task, OfANetworkThatIsNoClassifierEveryPartIsOk) {
  const Result<Task> task = Task::of({.raw = true}, output_of(640), {}, "m");
  ASSERT_TRUE(task) << task.error().what;
  EXPECT_GT(task->judge(Values(640)).ok, task->judge(Values(640)).ng);
  EXPECT_FLOAT_EQ(task->value(-8), 1);
}

TEST(Task, WhatDoesNotFitIsRefused) {
  EXPECT_TRUE(
      refusal({}, 10).starts_with("m: its output has 10 values, and nothing says which of them mean OK"));
  EXPECT_EQ(refusal({.labels = {"a", "b"}}, 10), "m: its output has 10 values, but there are 2 labels");
  EXPECT_EQ(refusal({.ok_classes = {"10"}}, 10),
            "m: has no class \"10\"; its output has 10 values, and there are no labels");
  EXPECT_EQ(refusal({.labels = {"a", "b"}, .ok_classes = {"c"}}, 2),
            "m: has no class \"c\"; its output has 2 values");
  EXPECT_EQ(refusal({.ok_classes = {"0", "1"}}, 2), "m: every class is OK, so no part could be refused");
  EXPECT_EQ(refusal({.ok_above = 1.0F}, 2),
            "m: its output has 2 values, so a threshold does not fit; name the good classes");
}

TEST(Labels, AreOneALine) {
  const TemporaryFolder folder;
  const auto labels = read_labels(folder.write("labels.txt", "tench, Tinca\r\ngoldfish\n"));
  ASSERT_TRUE(labels) << labels.error().what;
  EXPECT_EQ(*labels, (std::vector<std::string>{"tench, Tinca", "goldfish"}));
  const auto why = [&folder](const std::string& text) {
    const auto read = read_labels(folder.write("labels.txt", text));
    return read ? "not refused" : read.error().what.substr(read.error().what.find(": ") + 2);
  };
  EXPECT_EQ(why(""), "no labels");
  EXPECT_EQ(why("a\n\nb\n"), "line 2 is empty; a label is wanted on each");
  EXPECT_EQ(why(std::string("\x89PNG\x00", 5)), "not a text of labels, one a line");
}

ModelFile file_with_input(const Shape& shape, bool bytes) {
  ModelFile file;
  file.network.activations.push_back({"in", shape, 0.02F, -14, {}});
  file.input_is_bytes = bytes;
  return file;
}

TEST(PictureFormat, ComesFromTheNetworksShape) {
  const auto of = [](const Shape& shape) {
    return *picture_format_of(file_with_input(shape, true), {}, "m");
  };
  EXPECT_EQ(of({1, 20, 30, 3}).height, 20);
  EXPECT_EQ(of({1, 20, 30, 3}).width, 30);
  EXPECT_FALSE(of({1, 20, 30, 3}).planes);
  EXPECT_TRUE(of({1, 3, 20, 30}).planes);
  EXPECT_EQ(of({1, 3, 20, 30}).width, 30);
  EXPECT_EQ(of({1, 3, 20, 30}).channels, 3);
  EXPECT_EQ(of({1, 640}).width, 640);
  EXPECT_EQ(of({1, 640}).height, 1);
  const auto other = picture_format_of(file_with_input({1, 20, 30, 2}, true), {}, "m");
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().what.starts_with("m: its input is 1x20x30x2: a picture of one channel"));
}

TEST(PictureFormat, NormalisationIsAskedForOrTheFilesOrItsFormats) {
  ModelFile file = file_with_input({1, 4, 4, 3}, true);
  // Every int8 value is a grey: black is -128.
  Normalisation own = picture_format_of(file, {}, "m")->normalisation;
  EXPECT_NEAR((0 - own.mean[0]) / own.deviation[0] / 0.02F, -128 + 14, 0.001);
  EXPECT_NEAR((1 - own.mean[2]) / own.deviation[2] / 0.02F, 127 + 14, 0.001);
  file.input_is_bytes = false;
  EXPECT_EQ(picture_format_of(file, {}, "m")->normalisation.deviation[0], 1);
  file.metadata = {{"mean", "0.485,0.456,0.406"}, {"std", "0.229,0.224,0.225"}};
  own = picture_format_of(file, {}, "m")->normalisation;
  EXPECT_FLOAT_EQ(own.mean[1], 0.456F);
  EXPECT_FLOAT_EQ(own.deviation[2], 0.225F);
  const Normalisation asked{{0.5F, 0.5F, 0.5F}, {2, 2, 2}};
  EXPECT_EQ(picture_format_of(file, asked, "m")->normalisation.mean[0], 0.5F);
  file.metadata["std"] = "0.2,0";
  EXPECT_FALSE(picture_format_of(file, {}, "m"));
}

}  // namespace
}  // namespace loopgate::inspection
