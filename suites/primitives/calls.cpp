// System calls that switch no task.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "primitive.h"

namespace loopgate::primitives {
namespace {

// What the time of each single iteration has in it beside the iteration.
class ClockRead : public Primitive {
 public:
  explicit ClockRead(const Settings&) {}
  void iterate() { benchmark::DoNotOptimize(now_ns()); }
};

// A call that does next to nothing, and not by the C library, which might remember its answer.
class NullCall : public Primitive {
 public:
  explicit NullCall(const Settings&) {}
  void iterate() { benchmark::DoNotOptimize(::syscall(SYS_getppid)); }
};

// epoll_wait() of a descriptor that is ready, so that it never blocks.
class Epoll : public Primitive {
 public:
  explicit Epoll(const Settings&)
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)), ready_(::eventfd(1, EFD_CLOEXEC)) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    if (epoll_ < 0 || ready_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, ready_, &wanted) != 0)
      refuse("epoll_ctl");
  }
  ~Epoll() {
    ::close(epoll_);
    ::close(ready_);
  }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;
  void iterate() {
    epoll_event event;
    must(::epoll_wait(epoll_, &event, 1, 0) == 1, "epoll_wait");
  }

 private:
  int epoll_;
  int ready_;
};

}  // namespace

std::vector<Entry> calls() {
  return {entry<ClockRead>("clock-read", "clock_gettime(CLOCK_MONOTONIC)"),
          entry<NullCall>("null-call", "getppid(), as a bare system call"),
          entry<Epoll>("epoll", "epoll_wait() of one descriptor that is ready")};
}

}  // namespace loopgate::primitives
