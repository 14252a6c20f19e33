#include "explain/export/speedscope.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "explain/export/testing/made_up_sample.h"

namespace loopgate::speedscope_test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::made_up_sample;
using testing::made_up_sample_of_two_cpus;

// "at name/name/..." for each stretch between events, and that the events nest.
std::vector<std::string> stacks_of(const json& file) {
  std::vector<std::string> stacks;
  std::vector<std::size_t> open;
  std::int64_t at_ns = 0;
  const json& frames = file.at("shared").at("frames");
  for (const json& event : file.at("profiles").at(0).at("events")) {
    if (event.at("at").get<std::int64_t>() > at_ns) {
      std::string stack = std::to_string(at_ns);
      for (const std::size_t frame : open) stack += "/" + frames.at(frame).at("name").get<std::string>();
      stacks.push_back(stack);
    }
    EXPECT_GE(event.at("at").get<std::int64_t>(), at_ns);
    at_ns = event.at("at").get<std::int64_t>();
    const auto frame = event.at("frame").get<std::size_t>();
    if (event.at("type") == "O") {
      open.push_back(frame);
    } else if (open.empty() || open.back() != frame) {
      ADD_FAILURE() << "closes what is not innermost: " << event;
      return stacks;
    } else {
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty());
  return stacks;
}

TEST(Speedscope, TaskThenCallChainWithTheInterruptOnWhatItInterrupted) {
  const json file = json::parse(to_speedscope(made_up_sample()));
  EXPECT_THAT(
      stacks_of(file),
      ElementsAre(
          "0/cryptomgr_test (45)/ecc_point_mult", "100/cryptomgr_test (45)/ecc_point_mult/vli_mult",
          "200000000/cryptomgr_test (45)/ecc_point_mult/vli_mult/interrupt/el1h_64_irq",
          "200000100/cryptomgr_test (45)/ecc_point_mult/vli_mult/interrupt/el1h_64_irq/gic_handle_irq",
          "200000200/cryptomgr_test (45)/ecc_point_mult/vli_mult",
          "200000300/irq/23-responde (80)/irq_thread", "200000400/responder (99)/main",
          "200000450/responder (99)/main/el0t_64_sync"));
}

TEST(Speedscope, SaysWhatItIs) {
  const json file = json::parse(to_speedscope(made_up_sample()));
  EXPECT_EQ(file["$schema"], "https://www.speedscope.app/file-format-schema.json");
  EXPECT_EQ(file["name"], "generic.mixed, sample 4711: CPU 0, virtual time");
  ASSERT_EQ(file["profiles"].size(), 1U);
  const json& profile = file["profiles"][0];
  EXPECT_EQ(profile["type"], "evented");
  EXPECT_EQ(profile["unit"], "nanoseconds");
  EXPECT_EQ(profile["startValue"], 0);
  EXPECT_EQ(profile["endValue"], 200'000'500);
}

TEST(Speedscope, NamesTheCpusThatTheSampleWasOn) {
  EXPECT_EQ(json::parse(to_speedscope(made_up_sample_of_two_cpus()))["name"],
            "generic.mixed, sample 4711: CPUs 1, 3, virtual time");
}

TEST(Speedscope, TheIdleTasksOfTwoCpusAreNotOneStretch) {
  ExplainedSample sample = made_up_sample();
  sample.spans = {{0, 10, Phase::irqs_disabled, 0, 1, false}, {10, 20, Phase::irqs_disabled, 0, 1, false}};
  EXPECT_EQ(json::parse(to_speedscope(sample))["profiles"][0]["events"].size(), 4U);
  sample.spans[1].cpu = 1;
  EXPECT_EQ(json::parse(to_speedscope(sample))["profiles"][0]["events"].size(), 8U);
}

TEST(Speedscope, AnInterruptThatTheSampleBeginsInStandsBelowAllFunctions) {
  ExplainedSample sample = made_up_sample();
  sample.spans = {{0, 10, Phase::irqs_disabled, 0, 4, true}, {10, 20, Phase::irqs_disabled, 0, 2, false}};
  EXPECT_THAT(
      stacks_of(json::parse(to_speedscope(sample))),
      ElementsAre("0/cryptomgr_test (45)/interrupt/ecc_point_mult/vli_mult/el1h_64_irq/gic_handle_irq",
                  "10/cryptomgr_test (45)/ecc_point_mult/vli_mult"));
}

TEST(Speedscope, NamesThatAreNoTextAndNothingAtAll) {
  ExplainedSample sample = made_up_sample();
  sample.tasks[0].name = "a\"b\xff\n";
  sample.tasks[1].name.clear();
  EXPECT_THAT(stacks_of(json::parse(to_speedscope(sample))).front(), HasSubstr("a\"b\xEF\xBF\xBD\n (45)"));
  EXPECT_THAT(stacks_of(json::parse(to_speedscope({}))), ElementsAre());
}

}  // namespace
}  // namespace loopgate::speedscope_test
