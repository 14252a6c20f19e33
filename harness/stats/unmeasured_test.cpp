#include "stats/unmeasured.h"

#include <gmock/gmock.h>

namespace loopgate::unmeasured_test {
namespace {

using ::testing::ElementsAre;

GroupEvidence group_of(std::vector<UnmeasuredCell> invalid) {
  GroupEvidence group;
  group.kernel = "generic";
  group.load = "mixed";
  group.cells = {"generic.mixed", "generic.mixed.2", "generic.mixed.3", "generic.mixed.4"};
  group.invalid = std::move(invalid);
  return group;
}

std::vector<std::string> texts_of(const GroupEvidence& group) {
  std::vector<std::string> texts;
  for (const UnmeasuredText& each : unmeasured_texts(group))
    texts.push_back((each.kernel_failed ? "kernel: " : "") + each.text);
  return texts;
}

TEST(Unmeasured, OfWhatIsMeasuredNothingIsSaid) { EXPECT_THAT(texts_of(group_of({})), ElementsAre()); }

TEST(Unmeasured, OneMissingCellIsNamed) {
  EXPECT_THAT(texts_of(group_of({{"generic.mixed.2", "missing", "it was not finished"}})),
              ElementsAre("generic.mixed.2: missing: it was not finished"));
}

TEST(Unmeasured, SeveralMissingCellsAreOneSentenceAndEveryOtherKeepsItsOwn) {
  EXPECT_THAT(texts_of(group_of({{"generic.mixed", "kernel_failed", "it panicked"},
                                 {"generic.mixed.2", "missing", "unfinished"},
                                 {"generic.mixed.3", "invalid", ""},
                                 {"generic.mixed.4", "missing", "unfinished"}})),
              ElementsAre("kernel: generic.mixed: kernel_failed: it panicked",
                          "generic.mixed.3: invalid: no reason was recorded",
                          "generic.mixed: 2 of 4 replicates are missing: they were not finished; go on with "
                          "--resume"));
}

// As all cells of a run whose run.json was altered: else each fills two lines of the screen.
TEST(Unmeasured, SeveralThatAreAlikeAreOneSentence) {
  const auto altered = [](const std::string& cell, const std::string& seen) {
    return UnmeasuredCell{cell, "invalid", "/runs/a/cells/" + cell + "/outcome.json: its plan is " + seen,
                          true};
  };
  EXPECT_THAT(
      texts_of(group_of({altered("generic.mixed", "x"), altered("generic.mixed.2", "y"),
                         altered("generic.mixed.3", "x"), altered("generic.mixed.4", "x")})),
      ElementsAre("generic.mixed and 2 other replicates: invalid: "
                  "/runs/a/cells/generic.mixed/outcome.json: its plan is x",
                  "generic.mixed.2: invalid: /runs/a/cells/generic.mixed.2/outcome.json: its plan is y"));
  const UnmeasuredCell hung = {"generic.mixed", "kernel_failed", "it hung"};
  EXPECT_EQ(texts_of(group_of({hung, hung, hung})).size(), 3U) << "each of these is the kernel's";
}

}  // namespace
}  // namespace loopgate::unmeasured_test
