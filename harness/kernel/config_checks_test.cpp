#include "kernel/config_checks.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

constexpr const char* config = R"(#
# Automatically generated file; DO NOT EDIT.
CONFIG_CC_VERSION_TEXT="gcc-14 (Debian 14.2.0-19) 14.2.0"
CONFIG_PREEMPT_RT=y
# CONFIG_PREEMPT_VOLUNTARY is not set
CONFIG_HZ=250
CONFIG_GPIO_PL061=m
CONFIG_LOCALVERSION=""
CONFIG_LAST=y)";

TEST(ConfigOption, GivesItsValue) {
  EXPECT_EQ(config_option(config, "CONFIG_PREEMPT_RT"), "y");
  EXPECT_EQ(config_option(config, "PREEMPT_RT"), "y") << "as people write it";
  EXPECT_EQ(config_option(config, "CONFIG_GPIO_PL061"), "m");
  EXPECT_EQ(config_option(config, "CONFIG_HZ"), "250");
  EXPECT_EQ(config_option(config, "CONFIG_CC_VERSION_TEXT"), "gcc-14 (Debian 14.2.0-19) 14.2.0");
  EXPECT_EQ(config_option(config, "CONFIG_LOCALVERSION"), "");
  EXPECT_EQ(config_option(config, "CONFIG_LAST"), "y") << "without an end of line";
}

TEST(ConfigOption, ThatIsNotSetIsN) {
  EXPECT_EQ(config_option(config, "CONFIG_PREEMPT_VOLUNTARY"), "n");
  EXPECT_EQ(config_option(config, "CONFIG_PREEMPT"), "n") << "only the beginning of another's name";
  EXPECT_EQ(config_option(config, "CONFIG_ABSENT"), "n");
  EXPECT_EQ(config_option("", "CONFIG_HZ"), "n");
}

}  // namespace
}  // namespace loopgate
