#include "stats/unconfirmed.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace loopgate::unconfirmed_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

GroupEvidence group(const char* kernel, const char* load, std::vector<UnconfirmedArgument> arguments) {
  GroupEvidence group;
  group.kernel = kernel;
  group.load = load;
  note_unconfirmed(arguments, &group);
  return group;
}

TEST(Unconfirmed, IsSaidOnceForEachKernel) {
  const UnconfirmedArgument typo{"rcupdate.rcu_expeditd=1", "the kernel does not say whether it knows it"};
  const UnconfirmedArgument panic{"panic=1", "the kernel knows it, and nothing shows what it did with it"};
  Comparison run;
  run.groups = {group("mine", "idle", {typo}), group("generic", "idle", {}),
                group("mine", "mixed", {typo, panic})};
  EXPECT_THAT(unconfirmed_sentences(run),
              ElementsAre("kernel mine: not confirmed: rcupdate.rcu_expeditd=1: the kernel does not say "
                          "whether it knows it; panic=1: the kernel knows it, and nothing shows what it did "
                          "with it"));
  EXPECT_THAT(unconfirmed_sentences(Comparison()), IsEmpty());
}

TEST(Unconfirmed, IsSaidByTheRunsStatistics) {
  Comparison run;
  run.interval_ns = {1, 2};
  run.groups = {group("mine", "idle", {{"panic=1", "the kernel knows it"}}),
                group("mine", "mixed", {{"panic=1", "the kernel knows it"}})};
  EXPECT_EQ(nlohmann::json::parse(to_json(run))["unconfirmed"],
            nlohmann::json({"kernel mine: not confirmed: panic=1: the kernel knows it"}));
  run.groups[0].unconfirmed_arguments = run.groups[1].unconfirmed_arguments = {};
  EXPECT_FALSE(nlohmann::json::parse(to_json(run)).contains("unconfirmed"));
}

TEST(Unconfirmed, IsReadBackFromTheRunsStatistics) {
  Comparison run;
  run.interval_ns = {1, 2};
  run.groups = {group("mine", "idle", {{"panic=1", "the kernel knows it"}}), group("generic", "idle", {})};
  const auto again = parse_comparison(to_json(run), "comparison.json");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_THAT(find_group(*again, "mine", "idle")->unconfirmed_arguments,
              ElementsAre(UnconfirmedArgument{"panic=1", "the kernel knows it"}));
  EXPECT_THAT(find_group(*again, "generic", "idle")->unconfirmed_arguments, IsEmpty());
}

}  // namespace
}  // namespace loopgate::unconfirmed_test
