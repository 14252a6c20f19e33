#include "protocol/exit_text.h"

#include <gtest/gtest.h>

namespace loopgate::exit_text_test {
namespace {

TEST(ExitText, IsReadAsItWasWritten) {
  for (const int number : {0, 1, 9, 127, 255}) {
    EXPECT_EQ(exit_status_of(exited_text(number)), number);
    EXPECT_EQ(signal_of(signalled_text(number)), number);
    EXPECT_EQ(exit_status_of(signalled_text(number)), std::nullopt);
    EXPECT_EQ(signal_of(exited_text(number)), std::nullopt);
    EXPECT_EQ(exited_well(exited_text(number)), number == 0);
  }
  EXPECT_EQ(exited_text(0), "exited 0") << "which programs/NAME.json keeps";
  EXPECT_EQ(signalled_text(9), "signal 9");
}

TEST(ExitText, NothingElseIsAStatus) {
  for (const char* text : {"", "exited", "exited ", "exited  0", "exited 0 ", "exited -1", "exited 0x1",
                           "exited nought", "Exited 0", "signal", "signal 9 ", "exited 99999999999"}) {
    EXPECT_EQ(exit_status_of(text), std::nullopt) << text;
    EXPECT_EQ(signal_of(text), std::nullopt) << text;
  }
  EXPECT_FALSE(exited_well(still_runs));
}

}  // namespace
}  // namespace loopgate::exit_text_test
