#include "programs/cyclictest.h"

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

std::string refusal(const std::string& text, std::size_t bins = 10'000) {
  std::uint64_t cycles = 0;
  const auto histogram = cyclictest_histogram(text, bins, &cycles);
  if (histogram) return "accepted";
  EXPECT_EQ(histogram.error().kind, ErrorKind::data);
  return histogram.error().what;
}

// A file with one thread.
std::string made_up(const std::string& thread) {
  return R"({"resolution_in_ns": 0, "thread": {"0": )" + thread + "}}";
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
  const ProgramOutput output{.printed = "", .file = recorded("cyclictest.json")};
  const Cyclictest program;
  EXPECT_TRUE(program.read_back({"--threads", "2"}, output)->as_asked);
  EXPECT_FALSE(program.read_back({"-t", ""}, output))
      << "one for each CPU, and nobody tells how many there are";
  const auto fewer = program.read_back({"--threads", "4"}, output);
  EXPECT_FALSE(fewer->as_asked);
  EXPECT_EQ(fewer->text, "2");
  EXPECT_FALSE(program.read_back({"--priority", "90"}, output));
  EXPECT_FALSE(program.read_back({"--threads", "2"}, ProgramOutput()));
}

TEST(Cyclictest, ThatLivedForNoTimeHasNoRate) {
  EXPECT_EQ(Cyclictest().parse({.printed = "", .file = recorded("cyclictest.json")})->rates.at("cycles"),
            0.0);
}

// Its file leaves out how many there were: 973 cycles less the 447 that have a bin.
TEST(CyclictestHistogram, CountsWhatIsBeyondItsBins) {
  std::uint64_t cycles = 0;
  const auto histogram = cyclictest_histogram(recorded("cyclictest-beyond-histogram.json"), 60, &cycles);
  ASSERT_TRUE(histogram) << histogram.error().what;
  EXPECT_EQ(cycles, 973U);
  EXPECT_EQ(histogram->overflow, 526U);
  EXPECT_EQ(histogram->count[59], 148U);
  EXPECT_EQ(histogram->max_ns, 10'104'000);
}

TEST(CyclictestHistogram, OfNanosecondsHasBinsOfOne) {
  std::uint64_t cycles = 0;
  const auto histogram = cyclictest_histogram(recorded("cyclictest-nsecs.json"), 200, &cycles);
  ASSERT_TRUE(histogram) << histogram.error().what;
  EXPECT_EQ(histogram->bin_width_ns, 1);
  EXPECT_EQ(histogram->resolution_ns, 1);
  EXPECT_EQ(histogram->min_ns, 33'975);
  EXPECT_EQ(histogram->overflow, 500U);
}

// cyclictest exits 0 with that, and writes a mean of -nan, which is no JSON.
TEST(CyclictestHistogram, RefusesAThreadThatMeasuredNothing) {
  EXPECT_EQ(refusal(recorded("cyclictest-no-cycle.json")), "cyclictest's thread 0 made no cycle");
  const std::string one_of_two = R"({"resolution_in_ns": 0, "thread": {
    "0": {"histogram": {"5": 3}, "cycles": 3, "min": 5, "max": 5, "avg": 5.00},
    "1": {"histogram": {}, "cycles": 0, "min": 1000000, "max": 0, "avg": nan}}})";
  EXPECT_EQ(refusal(one_of_two), "cyclictest's thread 1 made no cycle");
}

TEST(CyclictestHistogram, RefusesWhatIsCutOff) {
  const std::string whole = recorded("cyclictest.json");
  EXPECT_EQ(refusal(""), "cyclictest wrote no JSON file");
  for (const std::size_t size : {1UL, 200UL, whole.find("\"cycles\""), whole.size() - 3})
    EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("it was cut off or altered")) << size;
  EXPECT_THAT(refusal(whole.substr(whole.size() - 1'000)), HasSubstr("it was cut off or altered"))
      << "the agent keeps the end of a file that is too long";
}

TEST(CyclictestHistogram, RefusesWhatContradictsItself) {
  EXPECT_EQ(refusal(made_up(R"({"histogram": {"5": 3}, "cycles": 3, "min": 5, "max": 5})")), "accepted");
  EXPECT_THAT(refusal("[]"), HasSubstr("is no JSON object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("names no threads"));
  EXPECT_THAT(refusal(R"({"thread": {"0": {}}})"), HasSubstr("resolution_in_ns"));
  EXPECT_THAT(refusal(made_up("3")), HasSubstr("thread 0 is no object"));
  EXPECT_THAT(refusal(made_up(R"({"cycles": 3, "min": 5, "max": 5})")), HasSubstr("has no histogram"));
  for (const char* cycles : {"-1", "1.5", "\"3\"", "18446744073709551615"})
    EXPECT_THAT(
        refusal(made_up(R"({"histogram": {}, "min": 5, "max": 5, "cycles": )" + std::string(cycles) + "}")),
        HasSubstr("no number \"cycles\""))
        << cycles;
  EXPECT_THAT(refusal(made_up(R"({"histogram": {"5": 3}, "cycles": 3, "min": 6, "max": 5})")),
              HasSubstr("\"min\" above its \"max\""));
  for (const char* bins : {R"({"5": 4})", R"({"5": 2, "6": 2})", R"({"10000": 1})", R"({"x": 1})",
                           R"({"5 ": 1})", R"({"-1": 1})", R"({"5": -1})", R"({"": 1})"})
    EXPECT_THAT(
        refusal(made_up(R"({"cycles": 3, "min": 5, "max": 6, "histogram": )" + std::string(bins) + "}")),
        HasSubstr("that cannot be"))
        << bins;
}

}  // namespace
}  // namespace loopgate::cyclictest_test
