#include "stats/same_kernels.h"

#include <gmock/gmock.h>

#include "record/testing/recorded_run.h"
#include "stats/stats_run.h"

namespace loopgate::same_kernels_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::RecordedRun;
using testing::ScratchFolder;
using testing::write_run;

TEST(SameKernels, AreThoseOfOneDigestThatIsKnown) {
  EXPECT_THAT(
      same_kernels({{"none", "1"}, {"rt", "2"}, {"full", "1"}, {"old", ""}, {"older", ""}, {"lazy", "1"}}),
      ElementsAre(ElementsAre("none", "full", "lazy")));
  EXPECT_THAT(same_kernels({{"a", "1"}, {"b", "2"}}), IsEmpty());
  EXPECT_THAT(same_kernels(std::vector<NamedInput>()), IsEmpty());
  EXPECT_EQ(same_kernels_text({"none", "full", "lazy"}),
            "kernels none, full and lazy are the same: equal image, arguments in effect and tuning");
}

TEST(SameKernels, AreNotedInTheRunsStatisticsAndReadBack) {
  ScratchFolder scratch;
  RecordedRun run;
  run.cells = {{"none", "mixed", {1'000, 2'000}, "measured", "", 1, "one"},
               {"full", "mixed", {1'000, 3'000}, "measured", "", 1, "one"},
               {"rt", "mixed", {1'000, 4'000}, "measured", "", 1, "two"},
               {"none", "mixed", {1'000, 2'500}, "measured", "", 2, "one"},
               {"rt", "mixed", {1'000, 4'500}, "measured", "", 2, "two"},
               {"full", "mixed", {1'000, 5'000}, "measured", "", 2, "one"}};
  write_run(scratch.path(), run);
  ASSERT_TRUE(compute_run_statistics(scratch.path()));
  const auto again = read_comparison(scratch.path() / "comparison.json");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_THAT(find_group(*again, "none", "mixed")->same_kernel_as, ElementsAre("full"));
  EXPECT_THAT(find_group(*again, "full", "mixed")->same_kernel_as, ElementsAre("none"));
  EXPECT_THAT(find_group(*again, "rt", "mixed")->same_kernel_as, IsEmpty());
  EXPECT_EQ(find_group(*again, "rt", "mixed")->kernel_in_effect_sha256, "two");
  EXPECT_THAT(same_kernels(*again, "mixed"), ElementsAre(ElementsAre("none", "full")));
  EXPECT_THAT(same_kernels(*again, "idle"), IsEmpty());
}

TEST(SameKernels, OfEqualSamplesDoNotDiffer) {
  ScratchFolder scratch;
  RecordedRun run;
  for (const std::int64_t last : {2'500, 2'501}) {
    run.cells.clear();
    for (const char* kernel : {"none", "full", "lazy"}) {
      run.cells.push_back({kernel, "mixed", {1'000, 2'000}, "measured", "", 1, "one"});
      run.cells.push_back({kernel, "mixed", {1'000, 2'500}, "measured", "", 2, "one"});
    }
    run.cells.back().latencies_ns.back() = last;
    write_run(scratch.path(), run);
    const auto statistics = run_statistics(scratch.path());
    ASSERT_TRUE(statistics);
    EXPECT_THAT(same_kernels_texts(*statistics, "mixed"),
                ElementsAre("kernels none, full and lazy are the same: equal image, arguments in effect and "
                            "tuning; their " +
                            std::string(last == 2'500 ? "samples are equal to the byte"
                                                      : "figures differ by chance alone")));
  }
}

// As where a thread that a rule is for came in one boot alone, and where an earlier version measured a cell.
TEST(SameKernels, AreNotKnownWhereAKernelsOwnCellsDiffer) {
  ScratchFolder scratch;
  RecordedRun run;
  for (const char* second : {"two", ""}) {
    run.cells = {{"none", "mixed", {1'000, 2'000}, "measured", "", 1, "one"},
                 {"full", "mixed", {1'000, 3'000}, "measured", "", 1, "one"},
                 {"none", "mixed", {1'000, 4'000}, "measured", "", 2, "one"},
                 {"full", "mixed", {1'000, 5'000}, "measured", "", 2, second}};
    write_run(scratch.path(), run);
    const auto statistics = run_statistics(scratch.path());
    ASSERT_TRUE(statistics);
    EXPECT_EQ(find_group(*statistics, "full", "mixed")->kernel_in_effect_sha256, "");
    EXPECT_THAT(find_group(*statistics, "none", "mixed")->same_kernel_as, IsEmpty());
  }
}

}  // namespace
}  // namespace loopgate::same_kernels_test
