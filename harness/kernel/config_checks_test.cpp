#include "kernel/config_checks.h"

#include <gmock/gmock.h>

#include "kernel/testing/kernel_config.h"

namespace loopgate::config_checks_test {
namespace {

using testing::kernel_config;

TEST(ConfigOption, GivesItsValue) {
  EXPECT_EQ(config_option(kernel_config, "CONFIG_PREEMPT_RT"), "y");
  EXPECT_EQ(config_option(kernel_config, "PREEMPT_RT"), "y") << "as people write it";
  EXPECT_EQ(config_option(kernel_config, "CONFIG_GPIO_PL061"), "m");
  EXPECT_EQ(config_option(kernel_config, "CONFIG_HZ"), "250");
  EXPECT_EQ(config_option(kernel_config, "CONFIG_CC_VERSION_TEXT"), "gcc-14 (Debian 14.2.0-19) 14.2.0");
  EXPECT_EQ(config_option(kernel_config, "CONFIG_LOCALVERSION"), "");
  EXPECT_EQ(config_option(kernel_config, "CONFIG_LAST"), "y") << "without an end of line";
}

TEST(ConfigOption, ThatIsNotSetIsN) {
  EXPECT_EQ(config_option(kernel_config, "CONFIG_PREEMPT_VOLUNTARY"), "n");
  EXPECT_EQ(config_option(kernel_config, "CONFIG_PREEMPT"), "n") << "only the beginning of another's name";
  EXPECT_EQ(config_option(kernel_config, "CONFIG_ABSENT"), "n");
  EXPECT_EQ(config_option("", "CONFIG_HZ"), "n");
}

}  // namespace
}  // namespace loopgate::config_checks_test
