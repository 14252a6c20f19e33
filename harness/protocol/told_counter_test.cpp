#include "protocol/told_counter.h"

#include <gmock/gmock.h>

namespace loopgate::told_counter_test {
namespace {

TEST(ToldCounter, IsWhatTheCommandLineSays) {
  EXPECT_EQ(counter_hz_in("console=ttyS0 loopgate.counter_hz=1000000000 quiet"), 1'000'000'000U);
  EXPECT_EQ(counter_hz_in("loopgate.counter_hz=62500000"), 62'500'000U);
}

TEST(ToldCounter, IsNotKnownWhereItDoesNotSayIt) {
  for (const char* line : {"", "quiet", "loopgate.counter_hz=", "loopgate.counter_hz=fast",
                           "loopgate.counter_hz=-1", "loopgate.counter_hz=99999999999999999999999"})
    EXPECT_EQ(counter_hz_in(line), 0U) << line;
}

}  // namespace
}  // namespace loopgate::told_counter_test
