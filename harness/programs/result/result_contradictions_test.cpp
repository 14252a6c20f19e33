// Files that say two things: each is refused by what it says.
#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"
#include "programs/result/cyclictest_file.h"
#include "programs/result/result_file.h"

namespace loopgate::result_contradictions_test {
namespace {

using ::testing::HasSubstr;

std::string recorded(const std::string& name) {
  return text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/results/" + name);
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

Result<SelfMeasurement> read(const std::string& program, const std::string& text) {
  TRY(reader, open_result(program, text, {}));
  TRY_STATUS(reader->take(text));
  return reader->finish();
}

std::string refusal(const std::string& program, const std::string& text) {
  const auto measured = read(program, text);
  return measured ? "accepted" : measured.error().what;
}

TEST(ResultContradictions, NanosecondsAndACommandWithoutThem) {
  const std::string text = recorded("cyclictest-2.8-h60.json");
  const std::string in_ns = with(text, "\"resolution_in_ns\": 0", "\"resolution_in_ns\": 1");
  EXPECT_THAT(refusal("cyclictest", in_ns),
              HasSubstr("contradicts itself: its figures are in nanoseconds, and its command has no -N"));
  for (const char* option : {"-N", "-mN", "--nsecs", "--nsec"}) {
    EXPECT_EQ(refusal("cyclictest", with(in_ns, "-m -p95", std::string(option) + " -p95")), "accepted");
    EXPECT_THAT(refusal("cyclictest", with(text, "-m -p95", std::string(option) + " -p95")),
                HasSubstr("its command has -N (--nsecs), and its figures are in microseconds"));
  }
  for (const char* other : {"cyclictest -FN", "cyclictest -h 60", "cyclictest --numa", "N", "--n"})
    EXPECT_FALSE(is_cyclictest_in_ns(other)) << other;
  EXPECT_THAT(refusal("osadl", with(recorded("osadl-mk-rtdataset.json"), "-Sp99", "-SNp99")),
              HasSubstr("its command has -N"));
  EXPECT_THAT(refusal("rteval", with(recorded("rteval-3.11-cyclictest.xml"), "-qmu", "-qmNu")),
              HasSubstr("its command has -N"));
}

TEST(ResultContradictions, ARowThatStandsTwiceOrOutOfItsPlace) {
  const std::string text = recorded("cyclictest-2.10-h60.txt");
  const std::string row = "000004 500000\n";
  EXPECT_THAT(refusal("cyclictest", with(text, row, row + row)),
              HasSubstr("line 6: the row 4 stands after the row 4: rows rise, each once"));
  EXPECT_THAT(refusal("cyclictest", with(with(text, row, ""), "000002", row + "000002")),
              HasSubstr("the row 2 stands after the row 4"));
  const std::string rtla = recorded("rtla-timerlat.txt");
  const auto first = rtla.find("\n0 ") == std::string::npos ? rtla.find("\n1 ") : rtla.find("\n0 ");
  const std::string rtla_row = rtla.substr(first + 1, rtla.find('\n', first + 1) - first);
  EXPECT_THAT(refusal("rtla", with(rtla, rtla_row, rtla_row + rtla_row)), HasSubstr("rows rise, each once"));
  std::string xml = recorded("rteval-3.11-cyclictest.xml");
  const auto bucket = xml.find("<bucket ", xml.find("<core "));  // the system's are their sum, and not read
  xml.insert(bucket, xml.substr(bucket, xml.find('>', bucket) + 1 - bucket));
  EXPECT_THAT(refusal("rteval", xml), HasSubstr(" twice"));
}

TEST(ResultContradictions, AKeyThatStandsTwice) {
  const std::string text = recorded("cyclictest-2.8-h60.json");
  EXPECT_THAT(refusal("cyclictest", with(text, "\"cycles\": 2999425", "\"cycles\": 1, \"cycles\": 2999425")),
              HasSubstr("contradicts itself: the key \"cycles\" stands in one object twice"));
  EXPECT_THAT(refusal("cyclictest", with(text, "\"resolution_in_ns\": 0",
                                         "\"resolution_in_ns\": 1, \"resolution_in_ns\": 0")),
              HasSubstr("the key \"resolution_in_ns\" stands"));
  EXPECT_THAT(refusal("jitterdebugger", with(recorded("jitterdebugger.json"), "\"count\": 4375",
                                             "\"count\": 4375, \"c\\u006funt\": 9")),
              HasSubstr("the key \"count\" stands in one object twice"))
      << "as it is read, however it is written";
  EXPECT_THAT(refusal("osadl", with(recorded("osadl.json"), "\"origin\"", "\"origin\": \"\", \"origin\"")),
              HasSubstr("the key \"origin\" stands"));
}

// Whoever edits the rows or how many cycles there were forgets it.
TEST(ResultContradictions, AMeanThatTheRowsCannotHave) {
  const std::string json = recorded("cyclictest-2.8-h60.json");
  for (const char* mean : {"\"avg\": 900", "\"avg\": 1e9", "\"avg\": 1.9"})
    EXPECT_THAT(refusal("cyclictest", with(json, "\"avg\": 3.10", mean)),
                HasSubstr("contradicts itself: thread 0 has a mean of"))
        << mean;
  EXPECT_THAT(refusal("cyclictest", with(json, "\"avg\": 3.10", "\"avg\": -5")), HasSubstr("below 0"));
  EXPECT_EQ(refusal("cyclictest", with(json, "\"avg\": 3.10", "\"avg\": 3.9")), "accepted")
      << "within the rows' width";
  EXPECT_THAT(refusal("cyclictest", with(json, "\"cycles\": 2999425", "\"cycles\": 3999425")),
              HasSubstr("has a mean of 3.1, and its rows one from"));
  EXPECT_THAT(refusal("cyclictest", with(recorded("cyclictest-2.4-h60.txt"), "# Avg Latencies: 00003",
                                         "# Avg Latencies: 00050")),
              HasSubstr("has a mean of 50"));
  EXPECT_THAT(
      refusal("jitterdebugger", with(recorded("jitterdebugger.json"), "\"avg\": 3.08", "\"avg\": 900")),
      HasSubstr("has a mean of 900"));
}

TEST(ResultContradictions, WhatStandsAfterTheEnd) {
  const std::string text = recorded("cyclictest-2.4-h60.txt");
  EXPECT_THAT(refusal("cyclictest", text + "000003 900000\n"),
              HasSubstr("\"000003 900000\" stands after the rows' end"));
  EXPECT_THAT(refusal("cyclictest", text + "the second day:\n"), HasSubstr("stands after the rows' end"));
  EXPECT_EQ(refusal("cyclictest", text + "# Thread Ids: 00811\n\n"), "accepted");
  EXPECT_THAT(refusal("cyclictest", with(text, "# Avg", "000100 000001\n# Avg")), HasSubstr("stands after"));
  const std::string rtla = recorded("rtla-timerlat.txt");
  EXPECT_THAT(refusal("rtla", rtla + "5 1 1 1 1 1 1 1 1 1\n"), HasSubstr("is a row after the rows' end"));
  const std::string rteval = recorded("rteval-cyclictest.xml");
  EXPECT_THAT(refusal("rteval", rteval + rteval.substr(rteval.find("<rteval"))),
              HasSubstr("holds a second element rteval"));
  const auto begin = rteval.find("<cyclictest");
  const auto end = rteval.find("</cyclictest>") + 13;
  EXPECT_THAT(refusal("rteval", rteval.substr(0, end) + rteval.substr(begin)),
              HasSubstr("holds two elements cyclictest"));
}

TEST(ResultContradictions, PreemptRtByOneWordAndNotByAnother) {
  const std::string text = recorded("cyclictest-2.8-h60.json");
  EXPECT_THAT(
      refusal("cyclictest", with(text, "PREEMPT_RT", "PREEMPT_DYNAMIC")),
      HasSubstr("contradicts itself: its kernel is \"#1 SMP PREEMPT_DYNAMIC\", which is no PREEMPT_RT, "
                "and its \"realtime\" is 1"));
  EXPECT_EQ(refusal("cyclictest", with(text, "SMP PREEMPT_RT", "SMP")), "accepted") << "it says no model";
  EXPECT_EQ(read("rteval", recorded("rteval-cyclictest.xml"))->preempt_rt, PreemptRt::yes);
  EXPECT_EQ(read("rteval", recorded("rteval-3.11-cyclictest.xml"))->preempt_rt, PreemptRt::realtime_0);
  EXPECT_EQ(read("rteval", with(recorded("rteval-cyclictest.xml"), " is_RT=\"1\"", ""))->preempt_rt,
            PreemptRt::not_told);
}

}  // namespace
}  // namespace loopgate::result_contradictions_test
