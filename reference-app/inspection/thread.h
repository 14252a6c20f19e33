// A thread of the program's own, with signals and policy that do not depend on who starts it.
#pragma once

#include <pthread.h>

#include <csignal>
#include <cstddef>
#include <string>

#include "inspection/error.h"

namespace loopgate::inspection {

struct ThreadOptions {
  std::string what;  // "loader", for a failure
  // The whole stack is locked from the start, so it is smaller than the usual 8 MiB.
  std::size_t stack_bytes = 0;
  sigset_t blocked{};  // signals
};

// It begins under SCHED_OTHER.
Result<pthread_t> start_thread(const ThreadOptions& options, void* (*run)(void*), void* argument);

// Every signal.
sigset_t all_signals();
// Those that end the program's loop (inspection/stop.h).
sigset_t stop_signals();

}  // namespace loopgate::inspection
