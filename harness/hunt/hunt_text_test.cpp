#include "hunt/hunt_text.h"

#include <gmock/gmock.h>

namespace loopgate::hunt_text_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HuntedCell cell_with(const HuntedStimulus& worst) {
  HuntedCell cell;
  cell.cell = "preempt-rt.mixed";
  cell.worst = {worst};
  return cell;
}

HuntedStimulus in_no_window() {
  HuntedStimulus worst;
  worst.latency_ns = 42'700;
  return worst;
}

TEST(HuntText, NamesTheLocksThatTheWorstWaitedForLongerThanUsual) {
  HuntedStimulus worst = in_no_window();
  EXPECT_THAT(to_text({cell_with(worst)}, "run"), Not(HasSubstr("lock")));
  worst.lock_waits = {{"responder", 14'100, 0, "get_random_u16 (rt_spin_lock)", "stress-ng-getra", 301,
                       "crng_make_state (rt_spin_lock)"},
                      {"responder", 9'000, 8'290, "do_wait_intr (rt_spin_lock)", "irq/18-stimulus", 151, ""}};
  EXPECT_THAT(
      to_text({cell_with(worst)}, "run"),
      HasSubstr("in no window with interrupts or preemption off\n"
                "              responder waited 14.1 us for a lock in get_random_u16 (rt_spin_lock), which "
                "stress-ng-getra (pid 301) took in crng_make_state (rt_spin_lock)\n"
                "              responder waited 9.00 us (usual: 8.29 us) for a lock in do_wait_intr "
                "(rt_spin_lock), which irq/18-stimulus (pid 151) has\n"));
  worst.lock_waits[0].holder.clear();
  worst.lock_waits[1].wait_ns = 8'290;
  const std::string text = to_text({cell_with(worst)}, "run");
  EXPECT_THAT(text, HasSubstr("in get_random_u16 (rt_spin_lock), whose holder is not known\n"));
  EXPECT_THAT(text, Not(HasSubstr("do_wait_intr"))) << "as usual";
}

TEST(HuntText, SaysWhetherAnExactShotCameAtTheBeginOrNearIt) {
  HuntedStimulus worst = in_no_window();
  EXPECT_THAT(to_text({cell_with(worst)}, "run"), Not(HasSubstr("run made again")));
  worst.exact = true;
  worst.passed_ns = 32;
  EXPECT_THAT(to_text({cell_with(worst)}, "run"), HasSubstr("(hit at its begin in a run made again)"));
  worst.passed_ns = 5'032;
  EXPECT_THAT(to_text({cell_with(worst)}, "run"), HasSubstr("(hit near its begin in a run made again)"));
}

}  // namespace
}  // namespace loopgate::hunt_text_test
