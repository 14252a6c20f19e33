// A self-test that cannot fail is none: programs that always say the same are found out.
#include "doctor/planted_faults.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "record/testing/recorded_run.h"

namespace loopgate::planted_faults_test {
namespace {

namespace fs = std::filesystem;
using testing::RecordedRun;
using testing::write_run;
using testing::write_text;

class SelfTests : public ::testing::Test {
 protected:
  void SetUp() override {
    RecordedRun run;
    run.cells = {{"rt", "mixed", {20'000, 30'000}}};
    write_run(this->run(), run);
  }
  fs::path run() const { return folder_.path() / "run"; }
  // A program that does as the shell's lines say.
  std::string program(const std::string& lines) const {
    const fs::path file = folder_.path() / "program";
    write_text(file, "#!/bin/sh\n" + lines + "\n");
    fs::permissions(file, fs::perms::owner_all);
    return file.string();
  }
  SelfTest of(const std::string& lines) const {
    auto test = self_test(run(), program(lines), [](const SelfTestCheck&) {});
    EXPECT_TRUE(test) << to_text(test.error());
    return test ? *test : SelfTest{};
  }
  static bool passed(const SelfTest& test, const std::string& name) {
    for (const SelfTestCheck& check : test.checks)
      if (check.name == name) return check.passed();
    ADD_FAILURE() << "there is no check " << name;
    return false;
  }

 private:
  testing::ScratchFolder folder_;
};

TEST_F(SelfTests, OfAProgramThatPassesEverythingFinds) {
  const SelfTest test = of("exit 0");
  EXPECT_FALSE(test.passed());
  EXPECT_TRUE(passed(test, "sound-run"));
  EXPECT_TRUE(passed(test, "sound-report"));
  for (const char* name : {"broken-budget", "softer-verdict", "sealed-softer-verdict", "other-policy",
                           "unknown-limit", "missing-cell", "altered-samples.lgs", "missing-evidence.json"})
    EXPECT_FALSE(passed(test, name)) << name;
}

TEST_F(SelfTests, OfAProgramThatRefusesEverythingFinds) {
  const SelfTest test = of("echo why >&2; exit 3");
  EXPECT_FALSE(test.passed());
  EXPECT_FALSE(passed(test, "sound-run"));
  EXPECT_FALSE(passed(test, "sound-pack"));
  EXPECT_FALSE(passed(test, "broken-budget"));
  EXPECT_EQ(test.checks.front().said, "why");
  for (const SelfTestCheck& check : test.checks) EXPECT_FALSE(check.passed()) << check.name;
}

TEST_F(SelfTests, OfAVerifierThatBelievesEverythingFinds) {
  const SelfTest test = of("[ $1 = bundle ] && echo a bundle of ours > \"$6\"; exit 0");
  for (const char* name : {"altered-bundle-1", "altered-bundle-16", "short-bundle", "long-bundle"})
    EXPECT_FALSE(passed(test, name)) << name;
}

// As where matplotlib is missing: its 3 is of the drawing, and not of what was planted.
TEST_F(SelfTests, OfAReportThatCannotDrawFinds) {
  const SelfTest test =
      of("if [ $1 = gate ]; then echo '{\n  \"verdict\": \"FAIL\"\n}' > $2/verdict.json; exit 0; fi\n"
         "echo 'loopgate: matplotlib: is not installed' >&2; exit 3");
  for (const char* name : {"sound-report", "softer-verdict", "sealed-softer-verdict", "another-runs-verdict"})
    EXPECT_FALSE(passed(test, name)) << name;
}

TEST_F(SelfTests, OfARefusalThatNamesItPass) {
  const SelfTest test = of("echo loopgate: max_ms: is no limit >&2; exit 2");
  EXPECT_TRUE(passed(test, "unknown-limit"));
  EXPECT_FALSE(passed(test, "other-policy"));
}

TEST_F(SelfTests, NameTheRunAndItsEvidence) {
  const auto test = self_test(run() / "", program("exit 0"), [](const SelfTestCheck&) {});
  ASSERT_TRUE(test);
  EXPECT_EQ(test->run, "run");
  EXPECT_EQ(test->evidence_sha256.size(), 64U);
  EXPECT_THAT(to_json(*test, {}), ::testing::HasSubstr(test->evidence_sha256));
}

TEST_F(SelfTests, JudgeByAPolicyThatCountsSamplesOnABoardOfFewBootsToo) {
  const fs::path seen = run().parent_path() / "policy";
  of("[ $1 = gate ] && cp \"$4\" " + seen.string() + "; exit 0");
  EXPECT_THAT(testing::read_text(seen), ::testing::HasSubstr("count = \"samples\"\n"));
}

TEST_F(SelfTests, OfARunWithoutSamplesAreTheUsersMistake) {
  fs::remove(run() / "cells/rt.mixed/samples.lgs");
  const auto test = self_test(run(), program("exit 0"), [](const SelfTestCheck&) {});
  ASSERT_FALSE(test);
  EXPECT_EQ(test.error().kind, ErrorKind::usage);
  EXPECT_THAT(test.error().what, ::testing::HasSubstr("no cell has samples.lgs"));
}

TEST_F(SelfTests, OfAProgramThatIsNotThereFinds) {
  const auto test = self_test(run(), "/nonexistent/loopgate", [](const SelfTestCheck&) {});
  ASSERT_TRUE(test);
  EXPECT_FALSE(test->passed());
  EXPECT_EQ(test->checks.front().exit, -1);
}

TEST_F(SelfTests, LeaveTheRunAsItIs) {
  of("exit 0");
  EXPECT_FALSE(fs::exists(run() / "verdict.json"));
  EXPECT_TRUE(fs::exists(run() / "cells/rt.mixed/samples.lgs"));
}

TEST_F(SelfTests, OfNoRunAreTheUsersMistake) {
  const auto test = self_test(run() / "cells", "/bin/true", [](const SelfTestCheck&) {});
  ASSERT_FALSE(test);
  EXPECT_EQ(test.error().kind, ErrorKind::usage);
}

TEST(SelfTestText, OfNothingIsNoPass) { EXPECT_FALSE(SelfTest{}.passed()); }

}  // namespace
}  // namespace loopgate::planted_faults_test
