#include "programs/load/cyclictest.h"

#include <gmock/gmock.h>

#include <numeric>

#include "base/testing/temp_folder.h"

namespace loopgate::cyclictest_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// Each is what rt-tests 2.4 wrote when it got SIGINT.
std::string recorded(const std::string& name) {
  const std::string text = text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/" + name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

TEST(Cyclictest, RunsUntilItIsToldToStopAndThenWritesItsHistogram) {
  const Cyclictest program;
  EXPECT_THAT(program.argv("timer", {"--priority", "90"}),
              ElementsAre("cyclictest", "--priority", "90", "--quiet", "--histogram", "10000", "--json",
                          "/tmp/load-timer.json"));
  EXPECT_THAT(program.files("timer"), ElementsAre("/tmp/load-timer.json"));
}

TEST(Cyclictest, ProvesItsRateByItsCyclesAndGivesAHistogramOfAllThreads) {
  const auto found = Cyclictest().parse({.printed = "",
                                         .file = recorded("cyclictest.json"),
                                         .window_s = 1.5,
                                         .measured_s = 1.4,
                                         .lived_s = 2.0});
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_THAT(found->rates, UnorderedElementsAre(Pair("cycles", (2'002 + 1'981) / 2.0)));
  ASSERT_TRUE(found->histogram);
  const LatencyHistogram& histogram = *found->histogram;
  EXPECT_EQ(histogram.bin_width_ns, 1'000);
  EXPECT_EQ(histogram.count.size(), 10'000U);
  EXPECT_EQ(std::accumulate(histogram.count.begin(), histogram.count.end(), 0ULL), 3'983U);
  EXPECT_EQ(histogram.overflow, 0U);
  EXPECT_EQ(histogram.min_ns, 18'000);
  EXPECT_EQ(histogram.max_ns, 5'695'000) << "the second thread's";
  EXPECT_EQ(histogram.resolution_ns, 1'000);
}

TEST(Cyclictest, TellsItsThreadsAndNothingOfTheirPriority) {
  const LoadOutput output{.printed = "", .file = recorded("cyclictest.json")};
  const Cyclictest program;
  EXPECT_TRUE(program.read_back({"--threads", "2"}, output)->as_asked);
  EXPECT_FALSE(program.read_back({"-t", ""}, output))
      << "one for each CPU, and nobody tells how many there are";
  const auto fewer = program.read_back({"--threads", "4"}, output);
  EXPECT_FALSE(fewer->as_asked);
  EXPECT_EQ(fewer->text, "2");
  EXPECT_FALSE(program.read_back({"--priority", "90"}, output));
  EXPECT_FALSE(program.read_back({"--threads", "2"}, LoadOutput()));
}

TEST(Cyclictest, ThatLivedForNoTimeHasNoRate) {
  EXPECT_EQ(Cyclictest().parse({.printed = "", .file = recorded("cyclictest.json")})->rates.at("cycles"),
            0.0);
}

}  // namespace
}  // namespace loopgate::cyclictest_test
