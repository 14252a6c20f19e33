// A thread beside the measuring one, of the same policy, and which CPU and policy a primitive has.
#pragma once

#include <pthread.h>

#include <functional>

#include "settings.h"

namespace loopgate::primitives {

// Keeps to one CPU, the first that it may run on: a task switch needs two tasks on one CPU. SCHED_DEADLINE is
// not to be had on a part of the CPUs, so such a task stays where it is.
void take_cpu_and_policy(const Settings& settings);

// Its body must end by itself once it was told to, before the partner is destroyed, which waits for that.
class Partner {
 public:
  // `above`: its priority is higher than the settings' by as much.
  Partner(const Settings& settings, int above, std::function<void()> body);
  ~Partner() { ::pthread_join(thread_, nullptr); }
  Partner(const Partner&) = delete;
  Partner& operator=(const Partner&) = delete;

 private:
  std::function<void()> body_;
  pthread_t thread_{};
};

}  // namespace loopgate::primitives
