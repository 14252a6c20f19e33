#include "programs/result/cyclictest_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

// Each is what rt-tests 2.4 wrote when it got SIGINT.
std::string recorded(const std::string& name) {
  const std::string text = text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/" + name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

std::string refusal(const std::string& text, std::size_t bins = 10'000) {
  const auto file = parse_cyclictest_file(text);
  const auto histogram = file ? histogram_of(*file, bins) : tl::unexpected(file.error());
  if (histogram) return "accepted";
  EXPECT_EQ(histogram.error().kind, ErrorKind::data);
  return histogram.error().what;
}

// A file with one thread.
std::string made_up(const std::string& thread) {
  return R"({"resolution_in_ns": 0, "thread": {"0": )" + thread + "}}";
}

// Its file leaves out how many there were: 973 cycles less the 447 that have a bin.
TEST(CyclictestHistogram, CountsWhatIsBeyondItsBins) {
  const auto file = parse_cyclictest_file(recorded("cyclictest-beyond-histogram.json"));
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(cycles_of(*file), 973U);
  const auto histogram = histogram_of(*file, 60);
  ASSERT_TRUE(histogram) << histogram.error().what;
  EXPECT_EQ(histogram->overflow, 526U);
  EXPECT_EQ(histogram->count[59], 148U);
  EXPECT_EQ(histogram->max_ns, 10'104'000);
}

TEST(CyclictestHistogram, OfNanosecondsHasBinsOfOne) {
  const auto file = parse_cyclictest_file(recorded("cyclictest-nsecs.json"));
  ASSERT_TRUE(file) << file.error().what;
  const auto histogram = histogram_of(*file, 200);
  ASSERT_TRUE(histogram) << histogram.error().what;
  EXPECT_EQ(histogram->bin_width_ns, 1);
  EXPECT_EQ(histogram->resolution_ns, 1);
  EXPECT_EQ(histogram->min_ns, 33'975);
  EXPECT_EQ(histogram->overflow, 500U);
}

// All of rt-tests write such files, of other latencies.
TEST(CyclictestFile, OfAnotherProgramIsRefusedByName) {
  EXPECT_THAT(refusal(recorded("programs/cyclicdeadline.json")),
              HasSubstr("is not cyclictest's: its command line is that of cyclicdeadline"));
  std::string other = recorded("cyclictest-beyond-histogram.json");
  const std::size_t at = other.find("cyclictest");
  ASSERT_NE(at, std::string::npos);
  other.replace(at, 10, "oslat");
  EXPECT_THAT(refusal(other), HasSubstr("that of oslat"));
  for (const char* name : {"ptsematest", "oslat", "signaltest", "ssdd", "rt-migrate-test"})
    EXPECT_EQ(refusal(recorded(fmt::format("programs/{}.json", name))),
              fmt::format("is not cyclictest's: its command line is that of {}, which measures another thing",
                          name))
        << "and not by a key of cyclictest's that it lacks";
  EXPECT_EQ(refusal(made_up(R"({"min": 1, "avg": 1, "max": 1, "cycles": 1, "histogram": {"1": 1}})")),
            "accepted")
      << "which names no program";
}

// rt-tests writes 1 (src/lib/rt-utils.c); files of before it have none.
TEST(CyclictestHistogram, RefusesAFileOfAnotherVersion) {
  const auto of = [](const std::string& version) {
    return refusal("{" + version + R"("resolution_in_ns": 0, "thread": {
    "0": {"histogram": {"5": 3}, "cycles": 3, "min": 5, "max": 5, "avg": 5.00}}})");
  };
  EXPECT_EQ(of("\"file_version\": 9, "), "has the file_version 9, and 1 is known");
  EXPECT_EQ(of("\"file_version\": \"1\", "), "has the file_version \"1\", and 1 is known");
  EXPECT_NE(of(""), "has the file_version 1, and 1 is known");
}

// cyclictest exits 0 with that, and writes a mean of -nan, which is no JSON.
TEST(CyclictestHistogram, RefusesAThreadThatMeasuredNothing) {
  EXPECT_EQ(refusal(recorded("cyclictest-no-cycle.json")), "says that thread 0 made no cycle");
  const std::string one_of_two = R"({"resolution_in_ns": 0, "thread": {
    "0": {"histogram": {"5": 3}, "cycles": 3, "min": 5, "max": 5, "avg": 5.00},
    "1": {"histogram": {}, "cycles": 0, "min": 1000000, "max": 0, "avg": nan}}})";
  EXPECT_EQ(refusal(one_of_two), "says that thread 1 made no cycle");
}

TEST(CyclictestHistogram, RefusesWhatIsCutOff) {
  const std::string whole = recorded("cyclictest.json");
  EXPECT_EQ(refusal(""), "is empty");
  for (const std::size_t size : {1UL, 200UL, whole.find("\"cycles\""), whole.size() - 3})
    EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("it was cut off")) << size;
  EXPECT_THAT(refusal(whole.substr(whole.size() - 1'000)), HasSubstr("it was cut off"))
      << "the agent keeps the end of a file that is too long";
}

TEST(CyclictestHistogram, RefusesWhatContradictsItself) {
  EXPECT_EQ(refusal(made_up(R"({"histogram": {"5": 3}, "cycles": 3, "min": 5, "max": 5})")), "accepted");
  EXPECT_THAT(refusal("[]"), HasSubstr("is no JSON object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("no object \"thread\" with threads"));
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
        AnyOf(HasSubstr("that can't be"), HasSubstr("bins hold")))
        << bins;
}

// By their numbers, as lines of cyclictest's output have them: 10 stands behind 2.
TEST(CyclictestFile, HasItsThreadsInOrder) {
  std::string threads;
  for (int i = 0; i < 11; ++i)
    threads += fmt::format(R"({}"{}": {{"cycles": {}, "min": 1, "max": 2}})", i > 0 ? "," : "", i, i + 1);
  const auto file = parse_cyclictest_file(R"({"resolution_in_ns": 0, "thread": {)" + threads + "}}");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_EQ(file->threads.size(), 11U);
  EXPECT_EQ(file->threads[2].name, "2");
  EXPECT_EQ(file->threads[10].name, "10");
  EXPECT_EQ(cycles_of(*file), 66U);
}

}  // namespace
}  // namespace loopgate
