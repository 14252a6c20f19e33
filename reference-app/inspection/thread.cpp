#include "inspection/thread.h"

#include <cstring>

namespace loopgate::inspection {

namespace {

struct ThreadAttributes {
  ThreadAttributes() { pthread_attr_init(&value); }
  ~ThreadAttributes() { pthread_attr_destroy(&value); }
  ThreadAttributes(const ThreadAttributes&) = delete;
  ThreadAttributes& operator=(const ThreadAttributes&) = delete;

  pthread_attr_t value{};
};

}  // namespace

Result<pthread_t> start_thread(const ThreadOptions& options, void* (*run)(void*), void* argument) {
  ThreadAttributes attributes;
  pthread_attr_setstacksize(&attributes.value, options.stack_bytes);
  pthread_attr_setinheritsched(&attributes.value, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&attributes.value, SCHED_OTHER);
  // The new thread starts with this mask.
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, &options.blocked, &before);
  pthread_t thread{};
  const int error = pthread_create(&thread, &attributes.value, run, argument);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0)
    return fail(target::exit_broken, "cannot start the " + options.what + " thread: " + std::strerror(error));
  return thread;
}

sigset_t all_signals() {
  sigset_t set;
  sigfillset(&set);
  return set;
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGALRM}) sigaddset(&set, signal);
  return set;
}

}  // namespace loopgate::inspection
