#include "cost/boot_time.h"

#include <gtest/gtest.h>

namespace loopgate {
namespace {

TEST(BootTime, IsThatOfTheAgentsLine) {
  EXPECT_EQ(boot_seconds("[    0.000000] Booting Linux\n[    0.093651] Run /init as init process\r\n"
                         "[    0.094911] loopgate: the agent started\n[   12.5] later\n"),
            0.094911);
  EXPECT_EQ(boot_seconds("[   12.000001] loopgate: the agent started"), 12.000001);
}

TEST(BootTime, OfALogWithoutThatLineOrWithoutTimesIsNotKnown) {
  EXPECT_EQ(boot_seconds(""), std::nullopt);
  EXPECT_EQ(boot_seconds("[    0.1] Run /init as init process\n"), std::nullopt);
  EXPECT_EQ(boot_seconds("loopgate: the agent started\n"), std::nullopt);
  EXPECT_EQ(boot_seconds("[ T1] loopgate: the agent started\n"), std::nullopt);
  EXPECT_EQ(boot_seconds("[ 0.1\n] loopgate: the agent started\n"), std::nullopt);
  EXPECT_EQ(boot_seconds("] loopgate: the agent started\n"), std::nullopt);
}

}  // namespace
}  // namespace loopgate
