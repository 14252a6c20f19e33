// SCHED_DEADLINE, for which Debian 12's libc has no function.
#pragma once

#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>

#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE 6
#endif

namespace loopgate::target {

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
  sched_attr wanted{};
  wanted.size = sizeof(wanted);
  wanted.sched_policy = SCHED_DEADLINE;
  wanted.sched_flags = flags;
  wanted.sched_runtime = static_cast<std::uint64_t>(nanoseconds(reservation.runtime).count());
  wanted.sched_period = static_cast<std::uint64_t>(nanoseconds(reservation.period).count());
  wanted.sched_deadline = wanted.sched_period;
  return ::syscall(SYS_sched_setattr, thread, &wanted, 0) == 0 ? 0 : errno;
}

}  // namespace loopgate::target
