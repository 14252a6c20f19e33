// A process or a thread from its start until its end is known.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "primitive.h"

namespace loopgate::primitives {
namespace {

class Fork : public Primitive {
 public:
  explicit Fork(const Settings&) {}
  void iterate() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    int status = 0;
    must(child > 0 && ::waitpid(child, &status, 0) == child && status == 0, "fork");
  }
};

class ThreadStart : public Primitive {
 public:
  explicit ThreadStart(const Settings&) {}
  void iterate() {
    pthread_t thread;
    must(::pthread_create(
             &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr) == 0,
         "pthread_create");
    ::pthread_join(thread, nullptr);
  }
};

}  // namespace

std::vector<Entry> processes() {
  return {entry<Fork>("fork", "a child is forked, exits, and is waited for", {.locks_memory = false}),
          entry<ThreadStart>("thread-start", "a thread is created, ends, and is joined",
                             {.locks_memory = false})};
}

}  // namespace loopgate::primitives
