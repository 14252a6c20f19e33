#include "board/environment.h"

#include <gmock/gmock.h>

#include "base/process.h"
#include "base/testing/temp_folder.h"

namespace loopgate::environment_test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr const char* whole =
    "Welcome to the board!\n"
    "loopgate-look\n"
    "clock_source\tarch_sys_counter\n"
    "governor.0\tperformance\n"
    "khz.0\t1500000\n"
    "idle\t0 0 WFI\n"
    "idle\t0 1 cpu-sleep-0 deep\n"
    "governor.3\tschedutil\n"
    "temperature\t51234\n"
    "temperature\t50000\n"
    "throttled\t50000\n";

Board board() {
  Board board;
  board.housekeeping_cpus = {0, 2};
  board.thermal = {"cpu-thermal", 80, "/sys/soc:firmware/get_throttled", "", {}};
  return board;
}

TEST(Snapshot, IsReadFromTheBoardsAnswer) {
  const Snapshot look = parse_snapshot(whole).value();
  EXPECT_EQ(look.clock_source, "arch_sys_counter");
  EXPECT_THAT(look.governors, ElementsAre(Pair(0, "performance"), Pair(3, "schedutil")));
  EXPECT_THAT(look.frequencies_khz, ElementsAre(Pair(0, 1'500'000)));
  ASSERT_EQ(look.idle_states.size(), 2U);
  EXPECT_EQ(look.idle_states[1].name, "cpu-sleep-0 deep");
  EXPECT_FALSE(look.idle_states[1].enabled);
  EXPECT_EQ(look.temperature_c, 51.234) << "the hottest of several zones of one type";
  EXPECT_EQ(look.throttled, "50000");
}

TEST(Snapshot, LeavesEmptyWhatCannotBeRead) {
  const Snapshot look = parse_snapshot(
                            "loopgate-look\ngovernor.x\tperformance\nkhz.1\tfast\ntemperature\thot\nidle\t0\n"
                            "no tab\nsomething\telse\n")
                            .value();
  EXPECT_EQ(look.clock_source, "");
  EXPECT_TRUE(look.governors.empty() && look.frequencies_khz.empty() && look.idle_states.empty());
  EXPECT_FALSE(look.temperature_c);
}

TEST(Snapshot, RefusesWhatIsNoAnswer) {
  for (const char* answer : {"", "bash: syntax error\n", "clock_source\ttsc\n"}) {
    const auto look = parse_snapshot(answer);
    ASSERT_FALSE(look) << answer;
    EXPECT_EQ(look.error().kind, ErrorKind::data);
  }
}

TEST(Snapshot, OfThisVeryHostIsTaken) {
  for (const std::string& script : {snapshot_script(board()), poll_script(board())}) {
    const auto ran = run_program({"sh", "-c", script}, std::chrono::seconds(20));
    ASSERT_TRUE(ran) << ran.error().what;
    EXPECT_EQ(ran->exit_status, 0) << ran->errors;
    EXPECT_EQ(ran->errors, "");
    EXPECT_TRUE(parse_snapshot(ran->output)) << ran->output;
  }
  const auto ran = run_program({"sh", "-c", snapshot_script(board())}, std::chrono::seconds(20));
  EXPECT_NE(parse_snapshot(ran->output)->clock_source, "") << "every Linux has one";
}

TEST(Snapshot, KeepsOffTheMeasuredCpusAndQuotesWhatABoardFileSays) {
  Board odd = board();
  odd.thermal.zone = "it's; reboot";
  EXPECT_THAT(poll_script(odd), AllOf(HasSubstr("taskset -cp 0,2 $$"), Not(HasSubstr("= it's;"))));
  odd.housekeeping_cpus.clear();
  odd.thermal = {};
  EXPECT_THAT(poll_script(odd), AllOf(Not(HasSubstr("taskset")), Not(HasSubstr("thermal_zone"))));
}

class EnvironmentOfACell : public ::testing::Test {
 protected:
  // Plays a cell whose snapshots have these temperatures in millidegrees; 0: the snapshot fails, -1: none.
  json played(const std::vector<int>& temperatures, const std::string& throttled = "0") {
    std::size_t next = 0;
    const RunScript run_script = [&](const std::string&) -> Result<std::string> {
      const int temperature = temperatures.at(next++);
      if (temperature == 0) return fail(ErrorKind::infrastructure, "the connection was lost");
      const std::string heat = temperature < 0 ? "" : "\ntemperature\t" + std::to_string(temperature);
      const std::string count = counts_.empty() ? "" : "\nthrottled_counter\t" + counts_.at(next > 1 ? 1 : 0);
      return "loopgate-look\nclock_source\t" + clock_ + heat + "\nthrottled\t" + throttled + count + "\n";
    };
    Environment environment(board_);
    EXPECT_TRUE(environment.before(run_script));
    for (std::size_t i = 2; i < temperatures.size(); ++i) environment.during(run_script);
    clock_ = clock_at_end_;
    EXPECT_TRUE(environment.after(run_script, folder_.path()));
    return json::parse(text_of_file(folder_.path() / "environment.json"));
  }
  std::string problem_of(const std::vector<int>& temperatures, const std::string& throttled = "0") {
    return problem_in(played(temperatures, throttled));
  }
  std::string problem_in(const json& document) const {
    const auto good = check_environment(document, board_);
    return good ? "" : good.error().what;
  }

  TempFolder folder_;
  Board board_ = board();
  std::vector<std::string> counts_;  // before and after
  std::string clock_ = "tsc";
  std::string clock_at_end_ = "tsc";
};

TEST_F(EnvironmentOfACell, IsRecordedBeforeDuringAndAfter) {
  const json document = played({50'000, 61'500, 0, 60'000, 52'000});
  EXPECT_EQ(document["format"], 1);
  EXPECT_EQ(document["before"]["temperature_c"], 50.0);
  EXPECT_EQ(document["before"]["clock_source"], "tsc");
  EXPECT_EQ(document["during"],
            json::parse(R"({"looks":3,"failed_looks":1,"hottest_c":61.5,"throttled":"0"})"));
  EXPECT_EQ(document["after"]["temperature_c"], 52.0);
  EXPECT_EQ(document["limit_c"], 80.0);
  EXPECT_EQ(document["before"]["governors"], json()) << "unknown, not fine";
  EXPECT_EQ(document["unknown"], json::parse(R"(["frequencies_khz","governors","idle_states"])"));
  EXPECT_EQ(problem_in(document), "");
}

TEST_F(EnvironmentOfACell, ThatWasTooHotIsInvalidWheneverItWas) {
  EXPECT_EQ(problem_of({50'000, 80'001, 50'000}),
            "the board was at 80.0 C while measuring; its limit is 80 C");
  EXPECT_THAT(problem_of({81'000, 50'000}), HasSubstr("81.0 C before measuring"));
  EXPECT_THAT(problem_of({50'000, 81'000}), HasSubstr("81.0 C after measuring"));
  EXPECT_EQ(problem_of({80'000, 80'000}), "") << "at the limit is not above it";
}

TEST_F(EnvironmentOfACell, ThatNobodySawWhileItMeasuredIsInvalid) {
  EXPECT_EQ(problem_of({50'000, 0, 0, 50'000}),
            "none of 2 looks at the board's temperature and throttling came back while it was measuring");
  EXPECT_EQ(problem_of({50'000, 0, 50'000, 50'000}), "");
  EXPECT_EQ(problem_of({50'000, 50'000}), "") << "it was over before the first look";
}

TEST_F(EnvironmentOfACell, ThatWasThrottledIsInvalid) {
  EXPECT_EQ(problem_of({50'000, 50'000}, "50005"),
            "the board was throttled before measuring: /sys/soc:firmware/get_throttled is 50005");
  EXPECT_EQ(problem_of({50'000, 50'000}, "0x0"), "");
}

TEST_F(EnvironmentOfACell, MayHaveBeenThrottledBeforeItWhereThatIsCounted) {
  board_.thermal.throttled.clear();
  board_.thermal.throttled_counter = "/sys/count";
  counts_ = {"1", "1"};
  json document = played({50'000, 50'000, 50'000});
  EXPECT_EQ(problem_in(document), "") << "once while booting is not while measuring";
  EXPECT_EQ(document["after"]["throttled_counter"], 1);
  counts_ = {"1", "3"};
  EXPECT_EQ(problem_of({50'000, 50'000}),
            "the board was throttled while measuring: /sys/count went from 1 to 3");
  counts_ = {"1", "many"};
  document = played({50'000, 50'000});
  EXPECT_THAT(document["unknown"], Contains("throttled_counter"));
  EXPECT_EQ(problem_in(document),
            "cannot read the board's throttling: its file sets throttled_counter = /sys/count");
  board_.thermal.optional = {"throttled_counter"};
  EXPECT_EQ(problem_in(document), "");
}

TEST_F(EnvironmentOfACell, ThatNeverToldItsTemperatureIsInvalid) {
  EXPECT_EQ(problem_of({-1, -1, -1}),
            "cannot read the board's temperature: its file sets zone = cpu-thermal");
  for (const std::vector<int>& once : {std::vector{50'000, -1, -1}, {-1, 50'000, -1}, {-1, -1, 50'000}}) {
    const json document = played(once);
    EXPECT_EQ(problem_in(document), "");
    EXPECT_THAT(document["unknown"], Contains("temperature_c")) << "what was missing once is named";
  }
  board_.thermal.optional = {"zone"};
  EXPECT_EQ(problem_of({-1, -1}), "");
  board_.thermal.optional.clear();
  board_.thermal.zone.clear();
  EXPECT_EQ(problem_of({-1, -1}), "") << "nobody asked";
}

TEST_F(EnvironmentOfACell, ThatNeverToldOfThrottlingIsInvalidUnlessThatIsOptional) {
  const json document = played({50'000, 50'000}, "");
  EXPECT_THAT(document["unknown"], Contains("throttled"));
  EXPECT_EQ(problem_in(document),
            "cannot read the board's throttling: its file sets throttled = /sys/soc:firmware/get_throttled");
  EXPECT_THAT(check_environment(document, board_).error().next_step, HasSubstr("optional = [\"throttled\"]"));
  board_.thermal.optional = {"throttled"};
  EXPECT_EQ(problem_in(document), "");
}

TEST_F(EnvironmentOfACell, WhoseClockSourceChangedIsInvalid) {
  clock_at_end_ = "hpet";
  EXPECT_EQ(problem_of({50'000, 50'000}),
            "the board's clock source changed from tsc to hpet while measuring");
}

TEST_F(EnvironmentOfACell, ThatWasNotRecordedIsInvalid) {
  json document = played({50'000, 50'000});
  document.erase("during");
  for (const json& damaged : {document, json(), json(3), json::array()})
    EXPECT_EQ(problem_in(damaged), "the board's state before and after the cell was not recorded");
}

TEST_F(EnvironmentOfACell, PassesTheBoardsErrorsOn) {
  const RunScript lost = [](const std::string&) -> Result<std::string> {
    return fail(ErrorKind::infrastructure, "the connection was lost");
  };
  Environment environment(board());
  EXPECT_FALSE(environment.before(lost));
  EXPECT_FALSE(environment.after(lost, folder_.path()));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "environment.json"));
}

}  // namespace
}  // namespace loopgate::environment_test
