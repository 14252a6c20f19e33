#include "partner.h"

#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "target/deadline.h"

namespace loopgate::primitives {
namespace {

// Twice what an iteration of a timer takes, in every second millisecond: much room, and admitted on one CPU.
constexpr target::Reservation timers_reservation{std::chrono::microseconds(500),
                                                 std::chrono::microseconds(1000)};

constexpr unsigned long ordinary_slack_ns = 50'000;

int number_of(const std::string& policy) {
  if (policy == "fifo") return SCHED_FIFO;
  return policy == "rr" ? SCHED_RR : SCHED_OTHER;
}

void keep_to_one_cpu() {
  cpu_set_t allowed, one;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) refuse("sched_getaffinity");
  CPU_ZERO(&one);
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    CPU_SET(cpu, &one);
    break;
  }
  if (::sched_setaffinity(0, sizeof(one), &one) != 0) refuse("sched_setaffinity");
}

void take_deadline() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0 &&
      CPU_COUNT(&allowed) < ::sysconf(_SC_NPROCESSORS_ONLN))
    throw Refused(target::exit_not_applicable,
                  "SCHED_DEADLINE is not to be had by a task that is kept to a part of the CPUs");
  errno = target::take_deadline(0, timers_reservation);
  if (errno != 0) refuse("sched_setattr", target::exit_no_right);
}

}  // namespace

void take_cpu_and_policy(const Settings& settings) {
  if (settings.policy == "deadline") return take_deadline();
  keep_to_one_cpu();
  // What a process has that no real-time task started: theirs is 0, which children inherit.
  if (settings.policy == "other" && ::prctl(PR_SET_TIMERSLACK, ordinary_slack_ns) != 0) refuse("prctl");
  sched_param parameters{};
  parameters.sched_priority = settings.priority;
  if (::sched_setscheduler(0, number_of(settings.policy), &parameters) != 0)
    refuse("sched_setscheduler", target::exit_no_right);
}

// The CPU is inherited.
Partner::Partner(const Settings& settings, int above, std::function<void()> body) : body_(std::move(body)) {
  pthread_attr_t attributes;
  sched_param parameters{};
  ::pthread_attr_init(&attributes);
  if (settings.policy != "other") parameters.sched_priority = settings.priority + above;
  ::pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
  ::pthread_attr_setschedpolicy(&attributes, number_of(settings.policy));
  ::pthread_attr_setschedparam(&attributes, &parameters);
  const int error = ::pthread_create(
      &thread_, &attributes,
      [](void* self) -> void* {
        static_cast<Partner*>(self)->body_();
        return nullptr;
      },
      this);
  ::pthread_attr_destroy(&attributes);
  errno = error;
  if (error != 0) refuse("pthread_create", target::exit_no_right);
}

}  // namespace loopgate::primitives
