// SCHED_DEADLINE, for which Debian 12's libc has no function, and its linux/sched/types.h no place beside
// <sched.h>.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>

#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE 6
#endif

namespace loopgate::target {

// struct sched_attr of include/uapi/linux/sched/types.h, of its first size (SCHED_ATTR_SIZE_VER0).
struct DeadlineAttributes {
  std::uint32_t size = sizeof(DeadlineAttributes);
  std::uint32_t policy = SCHED_DEADLINE;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};
static_assert(sizeof(DeadlineAttributes) == 48);

// So much of the CPU in each period, and at its beginning: the deadline is the period.
struct Reservation {
  std::chrono::microseconds runtime;
  std::chrono::microseconds period;
};

constexpr std::uint64_t children_start_plain =
    1;  // SCHED_FLAG_RESET_ON_FORK; without it the thread may not fork

// Puts a thread (0: the caller) above every SCHED_FIFO task. 0, or the errno: EPERM where the thread is kept
// to a part of the CPUs, EBUSY where too much is reserved already.
inline int take_deadline(pid_t thread, const Reservation& reservation, std::uint64_t flags = 0) {
  using std::chrono::nanoseconds;
  DeadlineAttributes wanted;
  wanted.flags = flags;
  wanted.runtime_ns = static_cast<std::uint64_t>(nanoseconds(reservation.runtime).count());
  wanted.period_ns = static_cast<std::uint64_t>(nanoseconds(reservation.period).count());
  wanted.deadline_ns = wanted.period_ns;
  return ::syscall(SYS_sched_setattr, thread, &wanted, 0) == 0 ? 0 : errno;
}

}  // namespace loopgate::target
