// Ways in which one task lets another go on: wait() blocks until post() was called, which may have been
// before. Each has one that posts and one that waits.
#pragma once

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "settings.h"

namespace loopgate::primitives {

class PipeGate {
 public:
  PipeGate() {
    if (::pipe2(ends_, O_CLOEXEC) != 0) refuse("pipe2");
  }
  ~PipeGate() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  PipeGate(const PipeGate&) = delete;
  PipeGate& operator=(const PipeGate&) = delete;

  void post() {
    const char byte = 1;
    must(::write(ends_[1], &byte, 1) == 1, "write to a pipe");
  }
  void wait() {
    char byte = 0;
    must(::read(ends_[0], &byte, 1) == 1, "read from a pipe");
  }

 private:
  int ends_[2] = {-1, -1};
};

class EventGate {
 public:
  EventGate() : events_(::eventfd(0, EFD_CLOEXEC)) {
    if (events_ < 0) refuse("eventfd");
  }
  ~EventGate() { ::close(events_); }
  EventGate(const EventGate&) = delete;
  EventGate& operator=(const EventGate&) = delete;

  void post() {
    const std::uint64_t one = 1;
    must(::write(events_, &one, sizeof(one)) == sizeof(one), "write to an eventfd");
  }
  void wait() {
    std::uint64_t posted = 0;
    must(::read(events_, &posted, sizeof(posted)) == sizeof(posted), "read from an eventfd");
  }

 private:
  int events_;
};

class FutexGate {
 public:
  FutexGate() = default;
  FutexGate(const FutexGate&) = delete;
  FutexGate& operator=(const FutexGate&) = delete;

  void post() {
    open_.store(1, std::memory_order_release);
    ::syscall(SYS_futex, &open_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
  void wait() {
    while (open_.exchange(0, std::memory_order_acquire) == 0)
      ::syscall(SYS_futex, &open_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
  }

 private:
  std::atomic<std::uint32_t> open_{0};
};

}  // namespace loopgate::primitives
