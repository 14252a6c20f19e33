#include "qemu/plugin/cpu_turns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace loopgate::cpu_turns_test {
namespace {

constexpr int head_line = 223, after_turn_line = 265;
constexpr std::int64_t slice_ns = 200;

TEST(BootsTurns, AreWholeSlicesOfTenMicrosecondsOrTheSliceItself) {
  EXPECT_EQ(while_booting({2, slice_ns}).slice_ns, 10'000);
  EXPECT_EQ(while_booting({2, 1'024}).slice_ns, 9'216);
  EXPECT_EQ(while_booting({2, 20'000}).slice_ns, 20'000);
  EXPECT_EQ(while_booting({1, 0}), (TurnSettings{1, 0}));
}

// QEMU's clock and the one timer in it, which QEMU calls by functions without an object.
struct FakeClock {
  std::int64_t words[12] = {};  // [5] counts instructions, [7] is what the clock is ahead of them
  const unsigned char* timer = nullptr;
  std::int64_t other_timer_ns = INT64_MAX;
  bool has_timer_of_the_host = false;

  std::int64_t now_ns() const { return words[5] + words[7]; }
  std::int64_t timer_ns() const {
    std::int64_t ns = 0;
    std::memcpy(&ns, timer, sizeof(ns));
    return ns;
  }
};
FakeClock fake;

QemuFunctions functions() {
  QemuFunctions qemu{};
  qemu.timerlistgroup_init = [](void*, void (*)(void*, int), void*) {};
  qemu.timer_init_full = [](QemuTimer* timer, void*, int, int, int, void (*)(void*), void*) {
    fake.timer = reinterpret_cast<const unsigned char*>(timer);
  };
  qemu.timer_mod_ns = [](QemuTimer* timer, std::int64_t ns) { std::memcpy(timer, &ns, sizeof(ns)); };
  qemu.timer_expire_time_ns = [](QemuTimer*) { return static_cast<std::uint64_t>(fake.timer_ns()); };
  qemu.qemu_clock_get_ns = [](int) { return fake.now_ns(); };
  qemu.icount_get_raw = [] { return fake.words[5]; };
  qemu.qemu_clock_deadline_ns_all = [](int clock, int) {
    if (clock != qemu_clock_virtual) return std::int64_t{fake.has_timer_of_the_host ? 5 : -1};
    return std::min(fake.timer_ns(), fake.other_timer_ns) - fake.now_ns();
  };
  qemu.all_cpu_threads_idle = [] { return false; };
  qemu.rcu_add_force_rcu_notifier = [](void*) {};
  qemu.rcu_remove_force_rcu_notifier = [](void*) {};
  qemu.timers_state = fake.words;
  return qemu;
}

class CpuTurnsTest : public ::testing::Test {
 protected:
  CpuTurnsTest() {
    fake = {};
    fake.words[5] = 1'000;
    EXPECT_TRUE(turns_.begin());
    turns_.enter();
  }
  void turn(int cpu, std::int64_t instructions) {
    fake.words[5] += instructions;
    turns_.next(after_turn_line, reinterpret_cast<const QemuCpu*>(&cpus_[cpu]));
  }
  void round(std::int64_t of_first, std::int64_t of_second) {
    turns_.next(head_line, reinterpret_cast<const QemuCpu*>(&cpus_[1]));
    turn(0, of_first);
    turn(1, of_second);
  }

  char cpus_[2] = {};
  CpuTurns turns_{functions(), {2, slice_ns}};
};

TEST_F(CpuTurnsTest, HoldATimerBeforeQemuThatEveryCpuReachesWithASlice) {
  round(0, 0);
  EXPECT_EQ(fake.timer_ns(), fake.now_ns() + 2 * slice_ns);
  round(200, 200);
  EXPECT_EQ(fake.timer_ns(), fake.now_ns() + 2 * slice_ns);
  turns_.idle();
  EXPECT_EQ(fake.timer_ns(), INT64_MAX) << "else the clock of idle CPUs goes on to it";
}

TEST_F(CpuTurnsTest, AreMeasuredAndNotAssumed) {
  round(200, 150);
  EXPECT_EQ(turns_.longest_ns(), 200);
  round(200, 201);
  EXPECT_EQ(turns_.longest_ns(), 201);
  turns_.idle();
  fake.words[7] += 1'000'000;  // QEMU moves the clock of idle CPUs on
  round(5, 5);
  EXPECT_EQ(turns_.longest_ns(), 201) << "nobody ran meanwhile";
}

TEST_F(CpuTurnsTest, OfIdleCpusTakeTheirTimeToo) {
  round(200, 0);
  const std::int64_t begin_ns = fake.now_ns();
  round(200, 0);
  round(0, 200);
  round(200, 200);
  round(200, 3);  // it waits for a lock, and gives its turn away
  EXPECT_NEAR(static_cast<double>(fake.now_ns() - begin_ns), 4 * 2 * slice_ns, slice_ns);
}

TEST_F(CpuTurnsTest, JumpOverNoTimer) {
  round(0, 0);
  fake.other_timer_ns = fake.now_ns() + 230;
  round(200, 0);
  EXPECT_EQ(fake.now_ns(), fake.other_timer_ns);
}

TEST_F(CpuTurnsTest, TellThatATimerOfTheHostWasThere) {
  EXPECT_TRUE(turns_.main_loop_is_free());
  EXPECT_FALSE(turns_.disturbed());
  fake.has_timer_of_the_host = true;
  EXPECT_TRUE(turns_.main_loop_is_free());
  EXPECT_TRUE(turns_.disturbed());
}

TEST_F(CpuTurnsTest, TellThatTheRoomForTranslatedCodeWasFull) {
  turns_.flushed();
  EXPECT_FALSE(turns_.cut_off()) << "a state that is restored";
  round(200, 200);
  EXPECT_FALSE(turns_.cut_off());
  turns_.flushed();
  EXPECT_TRUE(turns_.cut_off());
}

TEST_F(CpuTurnsTest, KnowTheFileThatTakesTheLockBetweenThem) {
  EXPECT_TRUE(turns_.is_between("../../accel/tcg/tcg-accel-ops-rr.c"));
  EXPECT_FALSE(turns_.is_between("../../system/cpus.c"));
}

TEST(CpuTurnsOfAnotherQemu, AreRefused) {
  fake = {};
  QemuFunctions qemu = functions();
  qemu.timer_expire_time_ns = [](QemuTimer*) { return std::uint64_t{7}; };
  CpuTurns other_timers(qemu, {2, slice_ns});
  EXPECT_FALSE(other_timers.begin());
  qemu = functions();
  qemu.qemu_clock_get_ns = [](int) { return fake.words[5]; };
  CpuTurns other_clock(qemu, {2, slice_ns});
  EXPECT_TRUE(other_clock.begin());
  EXPECT_FALSE(other_clock.uneven()) << "not known yet";
  other_clock.enter();
  EXPECT_TRUE(other_clock.uneven());
}

}  // namespace
}  // namespace loopgate::cpu_turns_test
