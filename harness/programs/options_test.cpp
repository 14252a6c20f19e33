#include "programs/options.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace loopgate::options_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ProgramOptions, AreReadFromACommand) {
  EXPECT_THAT(
      options_in({"/bin/responder", "--chip", "gpio", "--quiet", "--priority=80", "-p", "90", "--at", "-1"}),
      ElementsAre(ProgramOption{"--chip", "gpio"}, ProgramOption{"--quiet", ""},
                  ProgramOption{"--priority", "80"}, ProgramOption{"-p", "90"}, ProgramOption{"--at", "-1"}));
  EXPECT_THAT(options_in({"/bin/true", "word", "-"}), IsEmpty());
  EXPECT_THAT(options_in({"--swap", "20:a", "more", "--swap", "80:b"}),
              ElementsAre(ProgramOption{"--swap", "20:a"}, ProgramOption{"--swap", "80:b"}));
  EXPECT_EQ(text_of({"--quiet", ""}), "--quiet");
  EXPECT_EQ(text_of({"--priority", "80"}), "--priority 80");
}

TEST(ProgramOptions, AreReadBackByTheirNames) {
  const auto printed =
      parse_json(R"({"priority_read_back": 80, "busy_us_read_back": "2000", "x_read_back": null})");
  const auto priority = read_back_of({"--priority", "80"}, printed);
  ASSERT_TRUE(priority);
  EXPECT_TRUE(priority->as_asked);
  EXPECT_TRUE(read_back_of({"--busy-us", "2000"}, printed)->as_asked);
  const auto other = read_back_of({"--priority", "90"}, printed);
  EXPECT_FALSE(other->as_asked);
  EXPECT_EQ(other->text, "80");
  for (const char* name : {"--x", "--chip", "--", "-"})
    EXPECT_FALSE(read_back_of({name, "1"}, printed)) << name;
  EXPECT_FALSE(read_back_of({"--priority", "80"}, parse_json("nothing")));
}

}  // namespace
}  // namespace loopgate::options_test
