// An acceptance is what its plan says, and where that says nothing, what its suite says.
#include <gmock/gmock.h>

#include "accept/testing/accepted.h"
#include "base/digest.h"
#include "base/json.h"

namespace loopgate::fits_plan_test {
namespace {

namespace fs = std::filesystem;
using testing::Accepted;
using ::testing::AllOf;
using ::testing::Contains;
using testing::files_of;
using ::testing::HasSubstr;
using testing::nonce;
using testing::replace;
using testing::resealed;
using testing::suite_text;

TEST_F(Accepted, WhatItsPlanLeavesOutIsNotAgreed) {
  const auto sentences = verified(bytes_)->document["deviations"].get<std::vector<std::string>>();
  EXPECT_THAT(sentences, Contains(HasSubstr("pin: the plan leaves out policy_sha256, repeat: ")));
  EXPECT_THAT(
      sentences,
      Contains(HasSubstr("again: the plan leaves out policy_sha256, kernels, loads, samples, repeat: ")));
}

// `again` leaves all of it to its suite.
TEST_F(Accepted, WhatItsPlanLeavesOutIsItsSuitesOwn) {
  const auto says = [&](const std::string& suites, const std::string& other) {
    fs::remove_all(out());
    run_.suite_toml = suite_text;
    replace(&run_.suite_toml, suites, other);
    for (const char* name : {"pin", "again"}) write_one(name, 30);
    const auto finished = finish();
    return finished ? std::string("accepted") : finished.error().what;
  };
  EXPECT_EQ(says("samples = 2", "samples = 2"), "accepted");
  EXPECT_THAT(
      says("[\"generic\", \"rt\"]", "[\"generic\", \"rt\", \"third\"]"),
      HasSubstr("runs/again: its kernels are generic, rt, and the plan leaves them to the suite, which "
                "names generic, rt, third"));
  EXPECT_THAT(
      says("[\"mixed\"]", "[\"idle\", \"mixed\"]"),
      HasSubstr("its loads are mixed, and the plan leaves them to the suite, which names idle, mixed"));
  EXPECT_THAT(says("samples = 2", "samples = 3"),
              HasSubstr("runs/again: has 2 stimuli a cell in 1 replicates, and what the plan leaves to the "
                        "suite makes 3 in 1"));
  EXPECT_THAT(says("samples = 2", "samples = 2\nreplicates = 2"),
              HasSubstr("runs/pin: has 2 stimuli a cell in 1 "
                        "replicates"));
  EXPECT_THAT(says("samples = 2", ""),
              HasSubstr("the suite in run.json does not say what the plan leaves out"));
  run_.suite_toml = "";
  for (const char* name : {"pin", "again"}) write_one(name, 30);
  EXPECT_THAT(finish().error().what, HasSubstr("runs/pin: run.json has no text of suite irq-to-gpio"));
}

// Who makes a run of their own choice, and a record that fits it, is refused by whoever verifies.
TEST_F(Accepted, WhatItsPlanLeavesOutIsHeldToBySomebodyElse) {
  auto files = files_of(bytes_);
  for (auto& [path, text] : files) {
    if (path != "runs/again/run/run.json") continue;
    auto run = parse_json<nlohmann::ordered_json>(text);
    std::string toml = run["suite"]["toml"];
    replace(&toml, "samples = 2", "samples = 1000");
    run["suite"]["toml"] = toml;
    run["suite"]["sha256"] = sha256_of(toml);
    text = run.dump(2) + "\n";
  }
  EXPECT_NE(said(resealed(files)), "verified");
}

TEST_F(Accepted, AnotherPlanIsRefused) {
  fs::remove_all(out());
  for (const char* name : {"pin", "again"}) write_one(name, 30);
  replace(&record_.plan_toml, "kernels = [\"generic\", \"rt\"]", "kernels = [\"generic\"]");
  const auto finished = finish();
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().what,
              HasSubstr("runs/pin: its kernels are generic, rt, and the plan names generic"));
}

TEST_F(Accepted, AnotherSeedIsRefusedByName) {
  fs::remove_all(out());
  run_.seed = 7;
  for (const char* name : {"pin", "again"}) write_one(name, 30);
  const auto finished = finish();
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().what, AllOf(HasSubstr("runs/pin: its seed is 7"), HasSubstr(nonce)));
  EXPECT_THAT(said_with("acceptance.json", "6f1c6f1c6f1c", "6f1c6f1c6f1d"),
              AllOf(HasSubstr("runs/pin: its seed is"), HasSubstr("the nonce 6f1c6f1c6f1d")));
}

}  // namespace
}  // namespace loopgate::fits_plan_test
