// A suite, load or policy that is not as it is released is named, whatever it calls itself.
#include "bundle/released.h"

#include <gmock/gmock.h>

#include "base/digest.h"

namespace loopgate::released_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ShippedFile shipped[] = {{"fixtures/loads/idle.toml", "idle-1"},
                                   {"fixtures/loads/mixed.toml", "mixed-1"},
                                   {"suites/irq-to-gpio/release.toml", "policy-1"},
                                   {"suites/irq-to-gpio/suite.toml", "suite-1"},
                                   {"suites/inspection/release.toml", "policy-2"}};

InputFile input(const std::string& name, const std::string& sha256) { return {{name, sha256}, name, ""}; }

RunRecord released_run() {
  RunRecord run;
  run.suite = input("irq-to-gpio", "suite-1");
  run.loads = {input("idle", "idle-1"), input("mixed", "mixed-1")};
  run.circumstances.commit = "0123456789ab";
  return run;
}

auto modified(const RunRecord& run, std::string_view policy = "policy-1") {
  return check_released(run, policy, shipped).modified;
}

TEST(Released, IsWhatIsAsItIsShipped) {
  const ReleaseCheck check = check_released(released_run(), "policy-1", shipped);
  EXPECT_THAT(check.released, ElementsAre("suite irq-to-gpio", "load idle", "load mixed",
                                          "policy suites/irq-to-gpio/release.toml"));
  EXPECT_THAT(check.modified, IsEmpty());
}

TEST(Released, ASoftenedLoadIsNotByItsName) {
  RunRecord run = released_run();
  run.loads[1].sha256 = "idle-1";
  EXPECT_THAT(modified(run), ElementsAre("load mixed is not as it is released"));
  run.loads[1] = input("mine", "mixed-1");
  EXPECT_THAT(modified(run), ElementsAre("load mine is none of the released ones"));
}

TEST(Released, ASuiteIsNotByItsNameNorByItsText) {
  RunRecord run = released_run();
  run.suite.sha256 = "suite-2";
  EXPECT_THAT(modified(run), ElementsAre("suite irq-to-gpio is not as it is released"));
  run.suite.sha256 = "";
  EXPECT_THAT(modified(run), ElementsAre("suite irq-to-gpio is known by its name alone"));
}

TEST(Released, APolicyIsOnlyOneOfItsSuite) {
  for (const char* each : {"policy-3", "policy-2", "suite-1", "mixed-1", ""})
    EXPECT_THAT(modified(released_run(), each),
                ElementsAre("the policy is none of the released ones of irq-to-gpio"))
        << each;
}

TEST(Released, AToolOfAModifiedTreeIsNot) {
  RunRecord run = released_run();
  run.circumstances.commit = "0123456789ab-dirty";
  EXPECT_THAT(modified(run),
              ElementsAre("the loopgate that measured was built from a modified tree (0123456789ab-dirty)"));
  run.circumstances.commit = "";
  EXPECT_THAT(modified(run), ElementsAre("the loopgate that measured was built from an unknown tree"));
  run.circumstances.commit = "0123456789ab";
  run.circumstances.shards.resize(2);
  run.circumstances.shards[0].commit = "0123456789ab";
  run.circumstances.shards[1].commit = "0123456789ab-dirty";
  EXPECT_EQ(modified(run).size(), 1U);
}

TEST(ShippedFiles, AreThoseOfTheTree) {
  EXPECT_GT(shipped_files().size(), 10U);
  for (const ShippedFile& each : shipped_files()) {
    const auto digest = sha256_of_file(LOOPGATE_SOURCE_DIR "/" + std::string(each.path));
    ASSERT_TRUE(digest) << each.path;
    EXPECT_EQ(*digest, each.sha256) << each.path;
  }
}

}  // namespace
}  // namespace loopgate::released_test
