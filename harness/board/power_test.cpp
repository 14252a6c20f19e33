#include "board/power.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate::power_test {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> noting(const TempFolder& folder, const std::string& word) {
  return {"sh", "-c", "echo \"$0\" >> \"$1\"", word, (folder.path() / "log").string()};
}

TEST(Power, GoesOffThenOn) {
  const TempFolder folder;
  LabBoard lab;
  lab.power_off = noting(folder, "off");
  lab.power_on = noting(folder, "on");
  const Power power(lab, std::chrono::milliseconds(1));
  EXPECT_TRUE(power.can_switch());
  ASSERT_TRUE(power.cycle());
  EXPECT_EQ(text_of_file(folder.path() / "log"), "off\non\n");
}

TEST(Power, CyclesByOneCommand) {
  const TempFolder folder;
  LabBoard lab;
  lab.power_cycle = noting(folder, "cycle");
  ASSERT_TRUE(Power(lab).cycle());
  EXPECT_EQ(text_of_file(folder.path() / "log"), "cycle\n");
}

TEST(Power, ThatNobodyCanSwitchSaysSo) {
  LabBoard lab;
  lab.name = "pi";
  EXPECT_FALSE(Power(lab).can_switch());
  const auto cycled = Power(lab).cycle();
  ASSERT_FALSE(cycled);
  EXPECT_EQ(cycled.error().what, "no command to switch the power of pi");
  lab.power_off = {"true"};  // and never on again
  EXPECT_FALSE(Power(lab).can_switch());
}

TEST(Power, WhoseSwitchFailsIsTheBenchsFault) {
  const TempFolder folder;
  LabBoard lab;
  lab.power_off = {"sh", "-c", "echo 'no relay' >&2; exit 4"};
  lab.power_on = noting(folder, "on");
  const auto cycled = Power(lab, std::chrono::milliseconds(1)).cycle();
  ASSERT_FALSE(cycled);
  EXPECT_EQ(cycled.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(cycled.error().what, HasSubstr("exited with status 4: no relay"));
  EXPECT_THAT(cycled.error().next_step, HasSubstr("power_off in lab.toml"));
  lab.power_cycle = {"loopgate-no-such-switch"};
  EXPECT_THAT(Power(lab).cycle().error().what, HasSubstr("loopgate-no-such-switch is not installed"));
}

}  // namespace
}  // namespace loopgate::power_test
