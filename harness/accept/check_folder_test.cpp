// What is altered in the folder of an acceptance is refused by name before anybody draws it for signing.
#include "accept/check_folder.h"

#include <gmock/gmock.h>

#include "accept/finish.h"
#include "base/json.h"
#include "base/process.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::check_folder_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::read_text;
using testing::write_text;

constexpr const char* plan_text = R"(
title = "t"
board = "qemu-virt-arm64"
decision_rule = "A limit is a limit."

[[run]]
name = "pin"
suite = "irq-to-gpio"
policy = "release.toml"
kernels = ["generic"]
loads = ["mixed"]
samples = 2
repeat = 1
)";

class AcceptanceFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::RecordedRun run;
    run.cells = {{"generic", "mixed", {20'000, 30'000}}};
    run.seed = 1;  // as without a nonce
    run.started = "2026-01-31T12:00:00Z";
    testing::write_run(pin() / "run", run);
    write_text(pin() / "policy.toml",
               std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 30\n");
    const std::string begun = "2026-01-31T11:59:00Z";
    const AcceptanceRecord record{"id",     begun, "",          {"0", "abc"}, {"Acme", "Hall 3", "N. N."},
                                  "",       {},    "plan.toml", plan_text,    "qemu-virt-arm64",
                                  {{begun}}};
    const auto finished = finish_acceptance(out(), record, *parse_acceptance_plan(plan_text, "plan.toml"));
    ASSERT_TRUE(finished) << to_text(finished.error());
  }
  fs::path out() const { return folder_.path() / "out"; }
  fs::path pin() const { return out() / "runs/pin"; }

  // "sound", or why it is not.
  std::string said() const {
    const auto checked = check_acceptance_folder(out(), {"0", "abc"});
    if (checked) return "sound";
    EXPECT_EQ(checked.error().kind, ErrorKind::data) << to_text(checked.error());
    return checked.error().what;
  }
  // Once acceptance.json has this in place of that, written as loopgate writes it.
  template <class Change>
  std::string said_after(const Change& change) const {
    nlohmann::json document = parse_json(read_text(out() / acceptance_name));
    change(document);
    write_text(out() / acceptance_name, to_text(document));
    return said();
  }

 private:
  testing::ScratchFolder folder_;
};

TEST_F(AcceptanceFolder, AsItWasLeftIsSoundWithItsBundleAndWithout) {
  EXPECT_EQ(said(), "sound");
  fs::remove(out() / acceptance_bundle_name);
  EXPECT_EQ(said(), "sound");
}

// With and without the bundle beside it, which an unpacked one has not.
TEST_F(AcceptanceFolder, EachThingThatIsComputedIsRefusedOnceItIsAnother) {
  using Change = void (*)(nlohmann::json&);
  const std::pair<const char*, Change> changes[] = {
      {"/deviations", [](auto& a) { a["deviations"] = nlohmann::json::array(); }},
      {"/not_tested", [](auto& a) { a["not_tested"] = nlohmann::json::array(); }},
      {"/item", [](auto& a) { a["item"]["title"] = "another board"; }},
      {"/item/emulator",
       [](auto& a) { a["item"]["emulator"] = !a["item"]["emulator"].template get<bool>(); }},
      {"/kernels/0/version", [](auto& a) { a["kernels"][0]["version"] = "9"; }},
      {"/decision_rule", [](auto& a) { a["decision_rule"] = "Anything goes."; }},
      {"/signatures/wanted", [](auto& a) { a["signatures"]["wanted"] = 0; }},
      {"/runs/0/groups/0/verdict", [](auto& a) { a["runs"][0]["groups"][0]["verdict"] = "FAIL"; }},
      {"/runs/0/samples", [](auto& a) { a["runs"][0]["samples"] = 1'000'000; }},
      {"/verdict", [](auto& a) { a["verdict"] = "FAIL"; }},
      {"/more", [](auto& a) { a["more"] = 1; }},
  };
  const std::string whole = read_text(out() / acceptance_name);
  fs::remove(out() / acceptance_bundle_name);
  for (const auto& [place, change] : changes) {
    write_text(out() / acceptance_name, whole);
    EXPECT_THAT(said_after(change),
                HasSubstr(std::string("acceptance.json: was altered: it differs at ") + place));
  }
}

// What was told, nobody can compute: only the bundle can know it.
TEST_F(AcceptanceFolder, WhatWasToldIsHeldAgainstItsBundle) {
  EXPECT_THAT(said_after([](auto& a) { a["told"]["customer"] = "Another"; }),
              HasSubstr("acceptance.json: is not the one in acceptance.lgb"));
}

TEST_F(AcceptanceFolder, AnAlteredVerdictSampleOrBundleIsNamed) {
  const std::string verdict = read_text(pin() / "verdict.json");
  write_text(pin() / "verdict.json", "{}");
  EXPECT_THAT(said(), HasSubstr("runs/pin/verdict.json: was altered"));
  write_text(pin() / "verdict.json", verdict);
  std::string bundle = read_text(out() / acceptance_bundle_name);
  bundle.back() = 'x';
  write_text(out() / acceptance_bundle_name, bundle);
  EXPECT_THAT(said(), HasSubstr("acceptance.lgb: "));
  fs::remove(out() / acceptance_bundle_name);
  fs::remove_all(pin() / "run");
  EXPECT_THAT(said(), HasSubstr("runs/pin"));
}

// The hint is one command, and report then says whether the folder is the bundle's.
TEST_F(AcceptanceFolder, IsRestoredByTheCommandThatItsErrorNames) {
  const std::string verdict = read_text(pin() / "verdict.json");
  write_text(pin() / "verdict.json", "{}");
  const std::string next_step = check_acceptance_folder(out(), {"0", "abc"}).error().next_step;
  const std::string command = next_step.substr(0, next_step.find(" restores"));
  EXPECT_EQ(command, "tar -xf " + (out() / acceptance_bundle_name).string() + " -C " + out().string());
  const auto ran = run_program({"sh", "-c", command}, std::chrono::seconds(10));
  ASSERT_TRUE(ran && ran->exit_status == 0);
  EXPECT_EQ(said(), "sound");
  EXPECT_EQ(read_text(pin() / "verdict.json"), verdict);
}

TEST_F(AcceptanceFolder, APlanThatIsNoneIsNoMistakeOfTheReaders) {
  EXPECT_NE(said_after([](auto& a) { a["plan"]["toml"] = "title ="; }), "sound");
}

}  // namespace
}  // namespace loopgate::check_folder_test
