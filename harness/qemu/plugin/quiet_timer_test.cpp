#include "qemu/plugin/quiet_timer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace loopgate::quiet_timer_test {
namespace {

// QEMU's clock, the list of the timer, and what it keeps of it.
struct FakeList {
  std::int64_t now_ns = 1'000;
  void (*noticed)(void*, int) = nullptr;
  void* list_of = nullptr;
  unsigned char* timer = nullptr;
  std::size_t end_at = 0;      // where QEMU keeps the timer's end
  bool keeps_another = false;  // its end is not what it says when asked
  int moved = 0;               // as by timer_mod_ns, which kicks the CPUs

  std::int64_t end_ns() const {
    std::int64_t ns = 0;
    std::memcpy(&ns, timer + end_at, sizeof(ns));
    return ns;
  }
  void set_end(std::int64_t ns) const { std::memcpy(timer + end_at, &ns, sizeof(ns)); }
  void notice(int clock = qemu_clock_virtual) const { noticed(list_of, clock); }
};
FakeList fake;

constexpr std::int64_t pointer_of_qemus = 0x5555'5555'0000;

QemuFunctions functions() {
  QemuFunctions qemu{};
  qemu.timerlistgroup_init = [](void*, void (*noticed)(void*, int), void* list_of) {
    fake.noticed = noticed;
    fake.list_of = list_of;
  };
  qemu.timer_init_full = [](QemuTimer* timer, void*, int, int, int, void (*)(void*), void*) {
    fake.timer = reinterpret_cast<unsigned char*>(timer);
    std::memcpy(fake.timer + (fake.end_at == 0 ? 8 : 0), &pointer_of_qemus, sizeof(pointer_of_qemus));
    fake.set_end(-1);
  };
  qemu.timer_mod_ns = [](QemuTimer*, std::int64_t ns) {
    ++fake.moved;
    fake.set_end(ns);
    fake.notice();  // it is the first of its list
  };
  qemu.timer_expire_time_ns = [](QemuTimer*) {
    return fake.keeps_another ? 0 : static_cast<std::uint64_t>(fake.end_ns());
  };
  qemu.qemu_clock_get_ns = [](int) { return fake.now_ns; };
  return qemu;
}

class QuietTimerTest : public ::testing::Test {
 protected:
  QuietTimerTest() { fake = {}; }

  int fired_ = 0;
  QuietTimer timer_{functions(), [](void* count) { ++*static_cast<int*>(count); }, &fired_};
};

TEST_F(QuietTimerTest, FiresOnceWhereQemuLooksAndItIsDue) {
  ASSERT_TRUE(timer_.begin());
  timer_.arm_at(2'000);
  fake.now_ns = 1'999;
  fake.notice();
  EXPECT_EQ(fired_, 0);
  fake.now_ns = 2'001;
  fake.notice(qemu_clock_realtime);
  EXPECT_EQ(fired_, 0) << "another clock's";
  fake.notice();
  fake.notice();
  EXPECT_EQ(fired_, 1);
}

TEST_F(QuietTimerTest, IsMovedWithoutQemuBeingTold) {
  ASSERT_TRUE(timer_.begin());
  const int moved = fake.moved;
  timer_.arm_at(2'000);
  EXPECT_EQ(fake.end_ns(), 2'000);
  timer_.disarm();
  fake.now_ns = 3'000;
  fake.notice();
  EXPECT_EQ(fired_, 0);
  EXPECT_EQ(fake.moved, moved);
}

TEST_F(QuietTimerTest, NeedsQemuToKeepItsEndWhereItIsWritten) {
  fake.end_at = 8;
  const Status begun = timer_.begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().kind, ErrorKind::infrastructure);
  EXPECT_NE(begun.error().what.find("lays its timers out in another way"), std::string::npos);
  std::int64_t first = 0;
  std::memcpy(&first, fake.timer, sizeof(first));
  EXPECT_EQ(first, pointer_of_qemus) << "nothing was written into what QEMU keeps there";
  fake.notice();
  EXPECT_EQ(fired_, 0);
}

TEST_F(QuietTimerTest, NeedsQemuToReadItsEndWhereItIsWritten) {
  fake.keeps_another = true;
  EXPECT_FALSE(timer_.begin());
  EXPECT_EQ(fake.end_ns(), std::numeric_limits<std::int64_t>::max()) << "it is due never";
}

}  // namespace
}  // namespace loopgate::quiet_timer_test
