#include "target/agent/load_part.h"

#include <gtest/gtest.h>

namespace loopgate::load_part_test {
namespace {

PartSpec order() { return {"fork", {"stress-ng"}, 2, "", 2, 5.0, std::chrono::milliseconds(3000)}; }

TEST(Attestation, WantsProcessesAndTime) {
  EXPECT_TRUE(is_running(order(), {2, 5'000'000}));
  EXPECT_FALSE(is_running(order(), {1, 90'000'000}));
  EXPECT_FALSE(is_running(order(), {9, 4'999'999}));
  EXPECT_FALSE(is_running(order(), {0, 0}));
}

TEST(Attestation, SaysWhatWasMissing) {
  auto child = Child::start("fork", {"true"});
  ASSERT_TRUE(child);
  RunningPart part{order(), std::move(*child), {}, {1, 3'200'000}, false, {}, {}, false};
  EXPECT_EQ(
      what_is_missing(part),
      "load part fork had 1 process and 3.2 ms of CPU time after 3000 ms; 2 processes and 5 ms are wanted");
}

TEST(Attestation, ReportsTheTimeInTheWindow) {
  auto child = Child::start("fork", {"true"});
  ASSERT_TRUE(child);
  RunningPart part{order(), std::move(*child), {}, {}, true, {2, 6'000'000}, {3, 10'000'000}, false};
  EXPECT_EQ(report_of(part).cpu_ns_in_window, 4'000'000U);
  part.usage_at_stop = {};  // all its processes were gone
  EXPECT_EQ(report_of(part).cpu_ns_in_window, 0U);
  EXPECT_EQ(report_of(part).file, std::nullopt);
}

}  // namespace
}  // namespace loopgate::load_part_test
