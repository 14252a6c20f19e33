#include "bisect/bisect_text.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

KernelDifference three_changes() {
  const auto kernel = [](const char* arguments) {
    Kernel made;
    made.source = ImageSource{"/k/Image", {}, {}};
    made.arguments = arguments;
    return made;
  };
  return difference_between({kernel("quiet audit=0"), {}}, {kernel("audit=1 nohz=off"), {}});
}

FoundCulprit found_with(ChangeSet changes, std::optional<StepResult> taken_back) {
  FoundCulprit found;
  found.set.changes = std::move(changes);
  found.taken_back = taken_back;
  return found;
}

TEST(BisectText, NamesATrialFromTheNearerEnd) {
  const KernelDifference difference = three_changes();
  EXPECT_EQ(trial_text(difference, {}), "the good end");
  EXPECT_EQ(trial_text(difference, {{0, 1, 2}, {}, {}}), "the bad end");
  EXPECT_EQ(trial_text(difference, {{0}, {}, {}}), "the good end with no argument quiet");
  EXPECT_EQ(trial_text(difference, {{1, 2}, {}, {}}), "the bad end with argument quiet");
  EXPECT_EQ(trial_text(difference, {{0, 2}, {}, {}}), "the bad end with argument audit=1 -> audit=0");
  EXPECT_EQ(trial_text(difference, {{0, 1, 2}, "0123456789abcdef", {}}),
            "the bad end at commit 0123456789ab");
}

TEST(BisectText, OneCulpritThatIsTakenBackIsSure) {
  const BisectAnswer answer = answer_of(three_changes(), found_with({1}, StepResult::good));
  EXPECT_TRUE(answer.sure);
  EXPECT_EQ(answer.text,
            "The good end is bad with argument audit=0 -> audit=1. And the bad end without it is good.");
}

TEST(BisectText, SaysWhyItIsNotSure) {
  const KernelDifference difference = three_changes();
  const BisectAnswer still_bad = answer_of(difference, found_with({1}, StepResult::bad));
  EXPECT_FALSE(still_bad.sure);
  EXPECT_THAT(still_bad.text, testing::HasSubstr("still bad: something else makes it bad, too"));
  FoundCulprit pair = found_with({0, 1}, StepResult::good);
  EXPECT_TRUE(answer_of(difference, pair).sure);
  EXPECT_THAT(answer_of(difference, pair).text, testing::HasSubstr("Without any one of them it is good."));
  pair.set.not_shown_needed = {0};
  EXPECT_FALSE(answer_of(difference, pair).sure);
  EXPECT_THAT(answer_of(difference, pair).text, testing::HasSubstr("Not shown to be needed"));
  EXPECT_FALSE(answer_of(difference, found_with({1}, StepResult::undecided)).sure);
  EXPECT_FALSE(answer_of(difference, found_with({1}, std::nullopt)).sure);
}

}  // namespace
}  // namespace loopgate
