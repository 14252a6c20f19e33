// What becomes of each verdict; that it keeps to KCIDB's schema is tested in testing/test_gate_export.py.
#include "gate/kcidb.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"

namespace loopgate::kcidb_test {
namespace {

using testing::latencies_with;
using testing::make_policy;
using testing::make_statistics;

class Kcidb : public ::testing::Test {
 protected:
  Kcidb() {
    run_.circumstances.started = "2026-01-31T12:00:00Z";
    run_.kernels.resize(1);
    run_.kernels.front().name = "pass";
    run_.kernels.front().image_sha256 = "0123abcd";
  }
  nlohmann::json tests() const {
    return nlohmann::json::parse(to_kcidb(verdict_, comparison_, run_, "lab_1"))["tests"];
  }
  // Of a kernel, all: its groups', then its checks'.
  std::vector<nlohmann::json> tests_of(const std::string& kernel) const {
    std::vector<nlohmann::json> found;
    for (const auto& test : tests())
      if (test["misc"]["kernel"] == kernel) found.push_back(test);
    return found;
  }

  RunRecord run_;
  Comparison comparison_ =
      make_statistics({{"pass", "mixed", latencies_with(3'000, 0)},
                       {"fail", "mixed", latencies_with(3'000, 100)},
                       {"open", "mixed", latencies_with(100, 0)},
                       {"free", "mixed", latencies_with(100, 0)},
                       {"lost", "mixed", {}, {{"lost.mixed", "invalid", "the load died"}}},
                       {"gone", "mixed", {}, {{"gone.mixed", "missing", "no outcome.json"}}}});
  Verdict verdict_ = *evaluate(comparison_,
                               make_policy("[[budget]]\nkernel = \"pass\"\nload = \"*\"\np99_us = 100\n"
                                           "[[budget]]\nkernel = \"fail\"\nload = \"*\"\np99_us = 100\n"
                                           "[[budget]]\nkernel = \"open\"\nload = \"*\"\np99_9_us = 100\n"),
                               {});
};

TEST_F(Kcidb, OnVirtualTimeTheBoardIsAnEmulator) {
  EXPECT_EQ(tests()[0]["environment"]["misc"]["emulator"], true);
  comparison_.time_base = TimeBase::wall_clock;
  EXPECT_EQ(tests()[0]["environment"]["misc"]["emulator"], false);
}

TEST_F(Kcidb, OnlyAPassIsAPass) {
  const std::map<std::string, std::string> statuses = {{"pass", "PASS"}, {"fail", "FAIL"},  {"open", "ERROR"},
                                                       {"free", "DONE"}, {"lost", "ERROR"}, {"gone", "MISS"}};
  for (const auto& [kernel, status] : statuses) {
    const auto found = tests_of(kernel);
    ASSERT_FALSE(found.empty()) << kernel;
    EXPECT_EQ(found.front()["path"], "loopgate.virtual.irq-to-gpio.mixed");
    EXPECT_EQ(found.front()["status"], status) << kernel;
  }
}

TEST_F(Kcidb, ACheckSaysWhatItSawInSeconds) {
  const auto found = tests_of("pass");
  const auto p99 =
      std::ranges::find(found, "loopgate.virtual.irq-to-gpio.mixed.budget.p99",
                        [](const auto& test) { return test["path"].template get<std::string>(); });
  ASSERT_NE(p99, found.end());
  const auto check = *p99;
  EXPECT_EQ(check["number"], nlohmann::json::parse(R"({"value": 2e-5, "unit": "s", "prefix": "metric"})"));
  EXPECT_EQ(check["comment"], "PASS: p99 at most 100 us");
  EXPECT_EQ(check["start_time"], "2026-01-31T12:00:00Z");
  EXPECT_EQ(check["build_id"], "lab_1:0123abcd");
  EXPECT_EQ(tests_of("fail").front()["build_id"], "lab_1:kernel-fail");  // whose image is not known
}

TEST_F(Kcidb, AKernelOfKnownSourceIsABuild) {
  const auto report = [&] { return nlohmann::json::parse(to_kcidb(verdict_, comparison_, run_, "lab_1")); };
  EXPECT_EQ(report()["builds"], nlohmann::json::array()) << "an image whose source nobody told";
  EXPECT_EQ(report()["checkouts"], nlohmann::json::array());
  KernelInput& kernel = run_.kernels.front();
  kernel.package = "linux-image-6.12.118+deb13-rt-arm64";
  kernel.version = "6.12.118-1";
  auto build = report()["builds"].at(0);
  EXPECT_EQ(build["id"], tests_of("pass").front()["build_id"]);
  EXPECT_EQ(build["architecture"], "arm64");
  EXPECT_FALSE(build.contains("compiler")) << "Debian's, which the run does not know";
  EXPECT_FALSE(build.contains("status"));
  EXPECT_EQ(build["checkout_id"], report()["checkouts"].at(0)["id"]);
  EXPECT_EQ(build["checkout_id"], "lab_1:debian-linux-image-6.12.118+deb13-rt-arm64_6.12.118-1");
  kernel.package = "linux";
  kernel.release = "6.12.118-mine";
  kernel.built_from = {"88bdbe", "6b8881", {"clang-19: Debian clang version 19.1.7", "ld.lld-19: LLD 19"}};
  build = report()["builds"].at(0);
  EXPECT_EQ(build["checkout_id"], "lab_1:tree-88bdbe");
  EXPECT_EQ(build["compiler"], "Debian clang version 19.1.7");
  EXPECT_EQ(build["status"], "PASS");
  EXPECT_EQ(build["comment"], "6.12.118-mine");
  EXPECT_EQ(build["misc"]["config_sha256"], "6b8881");
  EXPECT_EQ(build["misc"]["toolchain"].size(), 2U);
  EXPECT_FALSE(build.contains("architecture")) << "which nothing says";
  run_.kernels.push_back(kernel);
  run_.kernels.back().name = "pass+contender";
  EXPECT_EQ(report()["builds"].size(), 1U) << "one image is one build";
  run_.kernels.back().image_sha256 = "4567";
  EXPECT_EQ(report()["builds"].size(), 2U);
  EXPECT_EQ(report()["checkouts"].size(), 1U);
  run_.kernels.front().image_sha256.clear();
  EXPECT_EQ(report()["builds"].size(), 1U) << "one whose image is not known has an id of its name alone";
}

TEST_F(Kcidb, WhatIsNotDecidedHasNoNumber) {
  for (const char* kernel : {"open", "lost", "gone"})
    for (const auto& test : tests_of(kernel))
      if (test["status"] != "PASS") EXPECT_FALSE(test.contains("number")) << test;
}

TEST_F(Kcidb, IdsAreOfTheirOwnAndRepeat) {
  std::set<std::string> ids;
  for (const auto& test : tests()) EXPECT_TRUE(ids.insert(test["id"].get<std::string>()).second) << test;
  EXPECT_EQ(tests(), tests());
  const auto none_is_known = [&] {
    for (const auto& test : tests())
      if (ids.contains(test["id"].get<std::string>())) return false;
    return true;
  };
  verdict_.policy_file = "elsewhere.toml";
  EXPECT_FALSE(none_is_known());
  verdict_.checks.back().why = "judged otherwise, such as by another version";
  EXPECT_TRUE(none_is_known());
  verdict_.checks.back().why.clear();
  run_.seed = 2;
  EXPECT_TRUE(none_is_known());
}

TEST_F(Kcidb, AJudgementByAnotherBaselineHasOtherIds) {
  const auto id = [&] { return tests().front()["id"].get<std::string>(); };
  const std::string by_none = id();
  verdict_.baseline = "releases/v1";
  verdict_.baseline_sha256 = "one";
  const std::string by_one = id();
  EXPECT_NE(by_one, by_none);
  verdict_.baseline = "copies/v1";
  EXPECT_EQ(id(), by_one);
  verdict_.baseline_sha256 = "another";
  EXPECT_NE(id(), by_one);
}

TEST_F(Kcidb, AProgramThatWasLeftOutIsSkipped) {
  Check check;
  check.kernel = "pass";
  check.load = "mixed";
  check.rule = "program";
  check.verdict = VerdictKind::not_gated;
  check.left_out = {"oslat"};
  verdict_.checks.push_back(check);
  EXPECT_EQ(tests_of("pass").back()["status"], "SKIP");
  verdict_.checks.back().verdict = VerdictKind::inconclusive;
  EXPECT_EQ(tests_of("pass").back()["status"], "ERROR");
}

TEST_F(Kcidb, APathHasWordsAlone) {
  verdict_.checks.front().quantity = "above 50 us";
  verdict_.checks.front().why = "\x1b[31m\xff";
  bool seen = false;
  for (const auto& test : tests()) {
    EXPECT_THAT(test["path"].get<std::string>(), ::testing::MatchesRegex("[a-zA-Z0-9_.-]+"));
    seen |= test["path"].get<std::string>().ends_with(".above_50_us");
  }
  EXPECT_TRUE(seen);
}

TEST(KcidbOrigin, IsOfSmallLettersFiguresAndUnderscores) {
  for (const char* name : {"loopgate", "lab_1"}) EXPECT_TRUE(is_kcidb_origin(name));
  for (const char* name : {"", "Lab", "lab-1", "lab:1"}) EXPECT_FALSE(is_kcidb_origin(name));
}

}  // namespace
}  // namespace loopgate::kcidb_test
