#include "run/null_change.h"

#include <gmock/gmock.h>

#include "run/kernel_arguments.h"

namespace loopgate::null_change_test {
namespace {

using ::testing::IsEmpty;

TEST(NullChange, IsSevenCharactersEach) {
  EXPECT_THAT(null_argument(0), IsEmpty());
  EXPECT_EQ(null_argument(1), "loopgate.null=xxxxxxx");
  EXPECT_EQ(null_argument(3).size(), null_argument(1).size() + 14);
}

TEST(NullChange, StandsBeforeWhatTheKernelsFileAsksFor) {
  Kernel kernel;
  EXPECT_THAT(given_arguments(kernel, 0), IsEmpty());
  EXPECT_EQ(given_arguments(kernel, 1), "loopgate.null=xxxxxxx");
  kernel.arguments = "threadirqs -- initial";
  EXPECT_EQ(given_arguments(kernel, 0), kernel.arguments);
  EXPECT_EQ(given_arguments(kernel, 1), "loopgate.null=xxxxxxx threadirqs -- initial");
}

TEST(NullChange, IsReadBackFromACommandLine) {
  Kernel kernel;
  kernel.arguments = "threadirqs";
  for (const int change : {0, 1, 8, 40})
    EXPECT_EQ(null_change_in("console=ttyAMA0 " + given_arguments(kernel, change)), change);
  EXPECT_EQ(null_change_in(""), 0);
  EXPECT_EQ(null_change_in("loopgate.null="), 0);
  EXPECT_EQ(null_change_in("notloopgate.null=xxxxxxx"), 0);
}

}  // namespace
}  // namespace loopgate::null_change_test
