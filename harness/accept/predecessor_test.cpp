// What a later acceptance is held to by the one before it.
#include <gmock/gmock.h>

#include "accept/begin.h"
#include "accept/finish.h"
#include "accept/seed.h"
#include "base/json.h"
#include "bundle/testing/bundle_files.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::predecessor_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::read_text;
using testing::write_text;

constexpr const char* one_run = R"(
title = "Acceptance of the made-up bench"
board = "qemu-virt-arm64"
decision_rule = "No guard band: a limit is a limit."

[[run]]
name = "pin"
suite = "irq-to-gpio"
policy = "policy.toml"
kernels = ["generic"]
loads = ["mixed"]
samples = 2
repeat = 1
)";

class Predecessor : public ::testing::Test {
 protected:
  void SetUp() override {
    const AcceptancePlan plan = *parse_acceptance_plan(one_run, "plan.toml");
    const std::string policy =
        std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 30\n";
    write_text(at("plan.toml"), one_run);
    write_text(at("policy.toml"), policy);
    testing::RecordedRun run;
    run.cells = {{"generic", "mixed", {20'000, 30'000}}};
    run.seed = seed_without_nonce;
    testing::write_run(run_folder_of(at("out"), plan.runs[0]), run);
    write_text(at("out") / folder_of_run("pin") / "policy.toml", policy);
    const AcceptanceRecord record{
        "5f0c-id",         "2026-01-31T11:59:00Z",    "", {"0", "abc"}, {}, "", {}, "plan.toml", one_run,
        "qemu-virt-arm64", {{"2026-01-31T11:59:00Z"}}};
    const auto finished = finish_acceptance(at("out"), record, plan);
    ASSERT_TRUE(finished) << to_text(finished.error());
    ended_ = finished->document["ended"];
  }
  fs::path at(const char* name) const { return folder_.path() / name; }

  // Of planning one after the bundle, had that ended at `ended`; the kernels are never looked for.
  std::string said_after(const std::string& ended) const {
    auto files = testing::files_of(read_text(at("out") / acceptance_bundle_name));
    for (auto& [path, text] : files)
      for (std::size_t found = 0; (found = text.find(ended_, found)) != std::string::npos;
           found += ended.size())
        text.replace(found, ended_.size(), ended);
    write_text(at("earlier.lgb"), testing::resealed(files));
    AcceptRequest request{at("plan.toml")};
    request.after = at("earlier.lgb");
    request.told = {"ACME", "Hall 3", "N. N."};
    request.loopgate = {"0", "abc"};
    const auto resolve = [](PlanRequest*) -> Status {
      return fail(ErrorKind::usage, "the clock was right", "");
    };
    const auto planned = plan_acceptance(request, resolve, [](const std::string&) {});
    EXPECT_FALSE(planned);
    return planned ? std::string() : planned.error().what;
  }

  std::string ended_;
  testing::ScratchFolder folder_;
};

TEST_F(Predecessor, EndedBeforeALaterOneBegins) {
  EXPECT_EQ(said_after("2026-01-31T13:00:00Z"), "the clock was right");
  EXPECT_THAT(said_after("9999-01-01T00:00:00Z"),
              AllOf(HasSubstr("the clock says 2"),
                    HasSubstr("the acceptance of --after ended 9999-01-01T00:00:00Z")));
}

}  // namespace
}  // namespace loopgate::predecessor_test
