#include "kernel/fixture_script.h"

#include <gmock/gmock.h>

namespace loopgate::fixture_script_test {
namespace {

using ::testing::ElementsAre;

TEST(FixtureScript, TellsItsErrorOnce) {
  std::vector<std::string> told;
  const auto done = run_fixture_script({"/bin/sh", "-c",
                                        "echo reading the lists >&2; echo 'error: there is no package a; "
                                        "check its name' >&2; exit 2"},
                                       [&](const std::string& line) { told.push_back(line); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::usage);
  EXPECT_EQ(done.error().what, "there is no package a; check its name");
  EXPECT_THAT(told, ElementsAre("reading the lists"));
}

}  // namespace
}  // namespace loopgate::fixture_script_test
