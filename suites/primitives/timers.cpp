// How much later than it is due a timer is with the task that waits for it. What the policy adds is in it,
// too: the kernel lets tasks of SCHED_OTHER sleep for 50 us longer (their timer slack).
#include <sys/timerfd.h>
#include <unistd.h>

#include <ctime>

#include "primitive.h"

namespace loopgate::primitives {
namespace {

constexpr std::int64_t interval_ns = 1'000'000;
constexpr std::int64_t second_ns = 1'000'000'000;

timespec timespec_of(std::int64_t ns) { return {ns / second_ns, static_cast<long>(ns % second_ns)}; }

class Nanosleep : public Primitive {
 public:
  explicit Nanosleep(const Settings&) {}
  std::int64_t iterate() {
    const std::int64_t due = part_begins_after_ns(interval_ns) + interval_ns;
    const timespec until = timespec_of(due);
    must(::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == 0, "clock_nanosleep");
    return part_ends_ns() - due;
  }
};

class Timerfd : public Primitive {
 public:
  explicit Timerfd(const Settings&) : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
    if (timer_ < 0) refuse("timerfd_create");
  }
  ~Timerfd() { ::close(timer_); }
  Timerfd(const Timerfd&) = delete;
  Timerfd& operator=(const Timerfd&) = delete;
  std::int64_t iterate() {
    const std::int64_t due = part_begins_after_ns(interval_ns) + interval_ns;
    const itimerspec once{{}, timespec_of(due)};
    must(::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &once, nullptr) == 0, "timerfd_settime");
    std::uint64_t expired = 0;
    must(::read(timer_, &expired, sizeof(expired)) == sizeof(expired), "read from a timerfd");
    return part_ends_ns() - due;
  }

 private:
  int timer_;
};

}  // namespace

std::vector<Entry> timers() {
  return {entry<Nanosleep>("nanosleep", "clock_nanosleep() returns later than was asked for",
                           {.slack = true, .deadline = true}),
          entry<Timerfd>("timerfd", "a timerfd is read later than it was due", {.deadline = true})};
}

}  // namespace loopgate::primitives
