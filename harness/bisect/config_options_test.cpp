#include "bisect/config_options.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using testing::ElementsAre;

TEST(ConfigOptions, AreReadAsKconfigReadsThem) {
  EXPECT_THAT(
      parse_config_options("# why\nCONFIG_B=y\n  CONFIG_A=\"x=1\"\r\n# CONFIG_C is not set\nCONFIG_B=m\n"
                           "CONFIG_=y\nNAME=y\n# CONFIG_D was set"),
      ElementsAre(ConfigOption{"CONFIG_A", "\"x=1\""}, ConfigOption{"CONFIG_B", "m"},
                  ConfigOption{"CONFIG_C", "n"}));
  EXPECT_TRUE(parse_config_options("").empty());
}

TEST(ConfigOptions, AreReadBackAsTheyWereWritten) {
  const std::vector<ConfigOption> options = {{"CONFIG_A", "y"}, {"CONFIG_B", "n"}, {"CONFIG_C", "0x10"}};
  EXPECT_EQ(to_fragment(options), "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=0x10\n");
  EXPECT_EQ(parse_config_options(to_fragment(options)), options);
}

}  // namespace
}  // namespace loopgate
