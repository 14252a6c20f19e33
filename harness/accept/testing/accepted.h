// An acceptance of two made-up runs, packed and verified again, for tests.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "accept/begin.h"
#include "accept/finish.h"
#include "accept/seed.h"
#include "accept/verify_acceptance.h"
#include "bundle/testing/bundle_files.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::testing {

inline constexpr const char* plan_text = R"(
title = "Acceptance of the made-up bench"
board = "qemu-virt-arm64"
decision_rule = "No guard band: a limit is a limit."
agreed = "<script>alert(1)</script>"
signatures = { wanted = 1, of = 2 }

[[run]]
name = "pin"
suite = "irq-to-gpio"
policy = "release.toml"
kernels = ["generic", "rt"]
loads = ["mixed"]
samples = 2

[[run]]
name = "again"
suite = "irq-to-gpio"
policy = "release.toml"
)";
// What `again` leaves to its suite.
inline constexpr const char* suite_text = R"(
title = "t"
kernels = ["generic", "rt"]
loads = ["mixed"]

[schedule]
samples = 2
)";
inline constexpr const char* nonce = "6f1c6f1c6f1c";

inline void replace(std::string* text, const std::string& from, const std::string& to) {
  ASSERT_NE(text->find(from), std::string::npos) << from;
  text->replace(text->find(from), from.size(), to);
}

class Accepted : public ::testing::Test {
 protected:
  void SetUp() override {
    run_.cells = {{"generic", "mixed", {20'000, 30'000}}, {"rt", "mixed", {20'000, 29'000}}};
    run_.seed = derived_seed(nonce, {"image-1"});
    run_.started = "2026-01-31T12:00:00Z";
    run_.suite_toml = suite_text;
    for (const char* name : {"pin", "again"}) write_one(name, 30);
    std::filesystem::create_directory(scratch());
    const auto finished = finish();
    ASSERT_TRUE(finished) << to_text(finished.error());
    bytes_ = read_text(bundle());
  }
  void write_one(const std::string& name, int max_us) const {
    write_run(out() / folder_of_run(name) / "run", run_);
    write_text(out() / folder_of_run(name) / "policy.toml",
               std::string(policy_head) +
                   "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = " + std::to_string(max_us) + "\n");
  }
  Result<FinishedAcceptance> finish() const {
    AcceptanceRecord record = record_;
    return finish_acceptance(out(), record, *parse_acceptance_plan(record.plan_toml, "plan.toml"));
  }
  std::filesystem::path at(const char* name) const { return folder_.path() / name; }
  std::filesystem::path out() const { return at("out"); }
  std::filesystem::path bundle() const { return out() / acceptance_bundle_name; }
  std::filesystem::path scratch() const { return at("scratch"); }

  Result<VerifiedAcceptance> verified(const std::string& bytes) const {
    std::filesystem::remove(at("b.lgb"));
    write_text(at("b.lgb"), bytes);
    TRY(opened, open_bundle(at("b.lgb"), scratch(), {"0", "abc"}, {}));
    return verify_acceptance(opened);
  }
  // "verified", or why not.
  std::string said(const std::string& bytes) const {
    const auto done = verified(bytes);
    EXPECT_TRUE(std::filesystem::is_empty(scratch()));
    if (done) return "verified";
    EXPECT_EQ(done.error().kind, ErrorKind::data) << to_text(done.error());
    EXPECT_THAT(done.error().what, ::testing::HasSubstr("b.lgb: "));
    return done.error().what;
  }
  // Once a file of the bundle says `to` in place of `from`, and the manifest fits again.
  std::string said_with(const std::string& file, const std::string& from, const std::string& to) const {
    BundleFiles files = files_of(bytes_);
    for (auto& [path, text] : files)
      if (path == file) replace(&text, from, to);
    return said(resealed(files));
  }

  AcceptanceRecord record_{"5f0c-id",
                           "2026-01-31T11:59:00Z",
                           "",
                           {"0", "abc"},
                           {"Acme <b>", "Hall 3", "N. N."},
                           nonce,
                           {},
                           "plan.toml",
                           plan_text,
                           "qemu-virt-arm64",
                           {{"2026-01-31T11:59:00Z"}}};
  RecordedRun run_;
  std::string bytes_;
  ScratchFolder folder_;
};

}  // namespace loopgate::testing
