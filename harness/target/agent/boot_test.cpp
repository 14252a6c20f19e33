#include "target/agent/boot.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"
#include "target/agent/proc.h"
#include "target/agent/testing/stat_line.h"

namespace loopgate::boot_test {
namespace {

using ::testing::HasSubstr;

TEST(Idle, IsAShareOfTheTimeBetween) {
  EXPECT_DOUBLE_EQ(idle_share({100, 200}, {195, 300}), 0.95);
  EXPECT_DOUBLE_EQ(idle_share({100, 200}, {100, 300}), 0.0);
  EXPECT_DOUBLE_EQ(idle_share({100, 200}, {100, 200}), 0.0);  // no time passed: nothing is known
  EXPECT_DOUBLE_EQ(idle_share({100, 200}, {90, 300}), 0.0);
}

TEST(BootIsOver, NotWhileACryptoTestRuns) {
  const TempFolder proc;
  proc.write("stat", "cpu  100 1 50 800 40 3 6 0 0 0\n");
  proc.write("70/stat", stat_line(70, "cryptomgr_test", 0, "2129984"));
  const auto over = wait_until_boot_is_over(std::chrono::seconds(0), proc.path(""));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().kind, ErrorKind::kernel);
  EXPECT_EQ(over.error().what, "boot is not over after 0 s: a crypto self-test runs");
}

TEST(BootIsOver, NotWhileTheCpuIsBusyOrUnknown) {
  const TempFolder proc;
  EXPECT_THAT(wait_until_boot_is_over(std::chrono::seconds(0), proc.path("")).error().what,
              HasSubstr("unknown"));
  proc.write("stat", "cpu  100 1 50 800 40 3 6 0 0 0\n");
  EXPECT_THAT(wait_until_boot_is_over(std::chrono::seconds(0), proc.path("")).error().what,
              HasSubstr("the CPU idles 0 % of the time"));
}

// Neither is a module. The kernel is asked, and refuses.
TEST(Modules, OneThatNeedNotLoadStopsNoBoot) {
  const TempFolder folder;
  folder.write("00000-a.soft.ko", "no module");
  EXPECT_TRUE(load_modules(folder.path("")));
  folder.write("00001-b.ko", "no module");
  const auto refused = load_modules(folder.path(""));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("module 00001-b.ko can't be loaded: "));
}

}  // namespace
}  // namespace loopgate::boot_test
