#include "programs/load/stress_ng.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate::stress_ng_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string recorded(const std::string& name) {
  const std::string text = text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/" + name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

TEST(StressNg, RunsUntilItIsToldToStopAndThenWritesItsMetrics) {
  const StressNg program;
  EXPECT_THAT(program.argv("mixed", {"--cpu", "1"}),
              ElementsAre("stress-ng", "--cpu", "1", "--timeout", "0", "--metrics", "--yaml",
                          "/tmp/load-mixed.yaml", "--temp-path", "/tmp"));
  EXPECT_THAT(program.files("mixed"), ElementsAre("/tmp/load-mixed.yaml"));
}

// The load's file asks for it, and no rate of it need be asked for.
TEST(StressNg, MustHaveRunEveryStressorThatItWasAskedFor) {
  const std::string metrics = recorded("stress-ng-metrics.yaml");
  const auto problem = [&](const std::string& end) {
    const auto found = StressNg().parse({"stress-ng: info:  [7] dispatching hogs\n" + end, metrics, 2.0});
    return found ? std::string() : found.error().what;
  };
  EXPECT_EQ(problem("stress-ng: info:  [7] skipped: 0\nstress-ng: info:  [7] passed: 6: cpu (1)\n"
                    "stress-ng: info:  [7] failed: 0\nstress-ng: info:  [7] metrics untrustworthy: 0\n"),
            "");
  EXPECT_EQ(problem("stress-ng: info:  [7] skipped: 1: netdev (1)\nstress-ng: info:  [7] failed: 0\n"),
            "stress-ng reports skipped: netdev (1)");
  EXPECT_EQ(problem("stress-ng: info:  [7] skipped: 0\nstress-ng: info:  [7] failed: 2: vm (1) hdd (1)"),
            "stress-ng reports failed: vm (1) hdd (1)");
  EXPECT_EQ(problem(""), "") << "an older stress-ng does not say it";
}

TEST(StressNg, MustHaveRunNearlyAllTheTime) {
  const std::string metrics = recorded("stress-ng-metrics.yaml");
  const auto found = StressNg().parse({"", metrics, 2.0});
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->rates.size(), 6U);
  EXPECT_FALSE(found->histogram);
  const auto refused = StressNg().parse({"", metrics, 2.5});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("at least 2.250 s are required"));
}

TEST(StressNgRates, OfARecordedRun) {
  const auto rates = stress_ng_rates(recorded("stress-ng-metrics.yaml"), 2.0);
  ASSERT_TRUE(rates) << rates.error().what;
  EXPECT_EQ(rates->size(), 6U);
  EXPECT_NEAR(rates->at("cpu"), 82 / 2.052875, 1e-6);
  EXPECT_NEAR(rates->at("pipe"), 36098 / 2.024222, 1e-6);
  EXPECT_NEAR(rates->at("sock"), 102 / 2.028134, 1e-6);
}

// stress-ng exits 0 with that.
TEST(StressNgRates, RefuseAStressorThatDidNothing) {
  const auto rates = stress_ng_rates(recorded("stress-ng-metrics-sock-at-zero.yaml"), 0);
  ASSERT_FALSE(rates);
  EXPECT_EQ(rates.error().what, "stressor sock did no operation");
}

// When one stressor gives up, the others stop too, and stress-ng exits 0 all the same.
TEST(StressNgRates, RefuseAStressorThatDidNotRunAllTheTime) {
  const auto rates = stress_ng_rates(recorded("stress-ng-metrics-sock-at-zero.yaml"), 2.0);
  ASSERT_FALSE(rates);
  EXPECT_EQ(rates.error().kind, ErrorKind::data);
  EXPECT_EQ(rates.error().what, "stressor cpu ran for 1.091 s; at least 1.800 s are required");
}

TEST(StressNgRates, RefuseWhatIsCutOffOrAltered) {
  const std::string whole = recorded("stress-ng-metrics.yaml");
  const std::size_t metrics = whole.find("\nmetrics:");
  const std::size_t fork = whole.find("stressor: fork");
  const std::vector<std::string> texts = {
      "",
      "stress-ng: info: nothing\n",
      whole.substr(0, metrics),
      whole.substr(0, metrics + 9),
      whole.substr(0, fork + 14),
      "\nmetrics:\n  cpu: 3\n",
      "\nmetrics:\n  - 3\n",
      "\nmetrics:\n  - stressor: cpu\n    bogo-ops: many\n    wall-clock-time: 1\n",
      "\nmetrics: [\n"};
  for (const std::string& text : texts) {
    const auto rates = stress_ng_rates(text, 0);
    ASSERT_FALSE(rates) << text;
    EXPECT_EQ(rates.error().kind, ErrorKind::data);
    EXPECT_THAT(rates.error().what, HasSubstr("metrics"));
  }
}

TEST(StressNgRates, RefuseNumbersThatCannotBe) {
  for (const char* entry :
       {"bogo-ops: .nan\n    wall-clock-time: 1", "bogo-ops: .inf\n    wall-clock-time: 1",
        "bogo-ops: -1\n    wall-clock-time: 1", "bogo-ops: 1e300\n    wall-clock-time: 1",
        "bogo-ops: 5\n    wall-clock-time: .nan", "bogo-ops: 5\n    wall-clock-time: .inf",
        "bogo-ops: 5\n    wall-clock-time: -1", "bogo-ops: 5\n    wall-clock-time: 1e-310"}) {
    const auto rates = stress_ng_rates(fmt::format("\nmetrics:\n  - stressor: cpu\n    {}\n", entry), 0);
    ASSERT_FALSE(rates) << entry;
    EXPECT_EQ(rates.error().kind, ErrorKind::data) << entry;
  }
}

TEST(StressNgRates, NoTimeIsNoRate) {
  const auto rates =
      stress_ng_rates("\nmetrics:\n  - stressor: cpu\n    bogo-ops: 5\n    wall-clock-time: 0.000000\n", 0);
  ASSERT_TRUE(rates);
  EXPECT_THAT(*rates, UnorderedElementsAre(Pair("cpu", 0.0)));
}

TEST(StressNg, TellsWhichStressorsRanAndNothingOfTheirOptions) {
  const LoadOutput output{.printed =
                              "stress-ng: info:  [7] skipped: 1: netdev (1)\n"
                              "stress-ng: info:  [7] passed: 3: cpu (1) vm (2)\n"
                              "stress-ng: info:  [7] failed: 0\n"};
  const StressNg program;
  const auto read_back = [&](const char* name, const char* value) {
    const auto seen = program.read_back({name, value}, output);
    return seen ? (seen->as_asked ? "" : "not: ") + seen->text : "nothing";
  };
  EXPECT_EQ(read_back("--cpu", "1"), "1 passed");
  EXPECT_EQ(read_back("--vm", "2"), "2 passed");
  EXPECT_EQ(read_back("--vm", "0"), "nothing") << "as many as there are CPUs";
  EXPECT_EQ(read_back("--vm", "4"), "not: 2 passed");
  EXPECT_EQ(read_back("--netdev", "1"), "not: 1 skipped");
  for (const char* name : {"--vm-bytes", "--v", "-c", "--fork"})
    EXPECT_EQ(read_back(name, "1"), "nothing") << name;
  EXPECT_FALSE(program.read_back({"--cpu", "1"}, LoadOutput()));
}

}  // namespace
}  // namespace loopgate::stress_ng_test
