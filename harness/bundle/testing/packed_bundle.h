// A bundle of a made-up run, packed and verified again, for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "bundle/pack.h"
#include "bundle/verify.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::testing {

class Bundle : public ::testing::Test {
 protected:
  void SetUp() override {
    run_.cells = {{"rt", "mixed", {20'000, 30'000}}, {"generic", "mixed", {20'000, 29'000}}};
    write_run(run(), run_);
    write_policy(30);
    std::filesystem::create_directory(scratch());
    const auto packed = pack(request());
    ASSERT_TRUE(packed) << to_text(packed.error());
    EXPECT_EQ(packed->verdict.verdict, VerdictKind::pass);
    bytes_ = read_text(bundle());
  }
  void write_policy(int max_us) const {
    write_text(policy(), std::string(policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\n" +
                             "max_us = " + std::to_string(max_us) + "\n");
  }
  std::filesystem::path at(const char* name) const { return folder_.path() / name; }
  std::filesystem::path run() const { return at("run-of-today"); }
  std::filesystem::path policy() const { return at("release.toml"); }
  std::filesystem::path bundle() const { return at("a.lgb"); }
  std::filesystem::path scratch() const { return at("scratch"); }
  PackRequest request() const { return {run(), policy(), bundle(), {"0", "abc"}}; }

  // "verified", or why not.
  std::string said(const std::string& bytes) const {
    std::filesystem::remove(at("b.lgb"));  // writing over it, ext4 would wait for the disk: 15 ms each
    write_text(at("b.lgb"), bytes);
    const auto verified = verify(at("b.lgb"), scratch(), {"0", "abc"});
    EXPECT_TRUE(std::filesystem::is_empty(scratch()));
    if (verified) return "verified";
    EXPECT_EQ(verified.error().kind, ErrorKind::data) << to_text(verified.error());
    return verified.error().what;
  }

  RecordedRun run_;
  std::string bytes_;

 private:
  ScratchFolder folder_;
};

}  // namespace loopgate::testing
