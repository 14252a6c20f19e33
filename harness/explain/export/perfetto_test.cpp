#include "explain/export/perfetto.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "explain/export/testing/made_up_sample.h"

namespace loopgate::perfetto_test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using testing::made_up_sample;
using testing::made_up_sample_of_two_cpus;
using testing::made_up_stimulus_ns;

// As the viewer reads it: microseconds as a double.
std::int64_t nanoseconds(const json& microseconds) { return std::llround(microseconds.get<double>() * 1000); }

// Of each track: "from name" and "to" of its events, from the stimulus.
std::map<std::string, std::vector<std::string>> tracks_of(const json& file) {
  std::map<int, std::string> names;
  std::map<std::string, std::vector<std::string>> tracks;
  for (const json& event : file.at("traceEvents")) {
    const int tid = event.at("tid");
    if (event.at("ph") == "M") {
      if (event.at("name") == "thread_name") names[tid] = event.at("args").at("name");
      continue;
    }
    const std::int64_t at_ns = nanoseconds(event.at("ts")) - made_up_stimulus_ns;
    std::string text = fmt::format("{} {}", event.at("ph").get<std::string>(), at_ns);
    if (event.contains("dur")) text += fmt::format("+{}", nanoseconds(event.at("dur")));
    if (event.contains("name")) text += " " + event.at("name").get<std::string>();
    tracks[names.at(tid)].push_back(text);
  }
  return tracks;
}

TEST(Perfetto, TracksOfTheCpuThePhasesAndEachTasksCallChains) {
  const json file = json::parse(to_perfetto(made_up_sample()));
  EXPECT_EQ(file["displayTimeUnit"], "ns");
  EXPECT_EQ(file["otherData"]["why"], "because of \"vli_mult\"");
  auto tracks = tracks_of(file);
  EXPECT_EQ(tracks.size(), 5U);
  EXPECT_THAT(tracks["CPU 0"],
              ElementsAre("X 0+200000300 cryptomgr_test (45)", "X 200000300+100 irq/23-responde (80)",
                          "X 200000400+100 responder (99)"));
  EXPECT_THAT(tracks["phases"],
              ElementsAre("X 0+200000000 irqs disabled", "X 200000000+200 hardirq",
                          "X 200000200+100 irq thread wakeup latency", "X 200000300+100 irq thread",
                          "X 200000400+50 payload", "X 200000450+50 payload's system calls"));
  EXPECT_THAT(tracks["cryptomgr_test (45)"],
              ElementsAre("B 0 ecc_point_mult", "B 100 vli_mult", "B 200000000 interrupt",
                          "B 200000000 el1h_64_irq", "B 200000100 gic_handle_irq", "E 200000200",
                          "E 200000200", "E 200000200", "E 200000300", "E 200000300"));
  EXPECT_THAT(tracks["responder (99)"],
              ElementsAre("B 200000400 main", "B 200000450 el0t_64_sync", "E 200000500", "E 200000500"));
}

TEST(Perfetto, EachCpuHasATrackOfWhatRanOnIt) {
  auto tracks = tracks_of(json::parse(to_perfetto(made_up_sample_of_two_cpus())));
  EXPECT_EQ(tracks.size(), 6U);
  EXPECT_THAT(tracks["CPU 1"],
              ElementsAre("X 0+200000300 cryptomgr_test (45)", "X 200000300+100 irq/23-responde (80)"));
  EXPECT_THAT(tracks["CPU 3"], ElementsAre("X 200000400+100 responder (99)"));
  EXPECT_EQ(tracks["phases"].size(), 6U);
  EXPECT_THAT(tracks["responder (99)"],
              ElementsAre("B 200000400 main", "B 200000450 el0t_64_sync", "E 200000500", "E 200000500"));
}

TEST(Perfetto, NothingAtAllIsAFileToo) { EXPECT_TRUE(tracks_of(json::parse(to_perfetto({}))).empty()); }

}  // namespace
}  // namespace loopgate::perfetto_test
