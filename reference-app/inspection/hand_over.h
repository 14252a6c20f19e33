// Hands one part after the other from the thread that prepares them to the loop, with the picture that lies
// in its model. There is one place: the next part waits until the loop has taken the picture of this one, and
// the one after that stays on its pin, where the kernel keeps it. Neither side allocates, spins or skips a
// part.
#pragma once

#include <semaphore.h>

#include <atomic>
#include <cerrno>
#include <optional>

#include "inspection/part.h"

namespace loopgate::inspection {

class HandOver {
 public:
  HandOver() {
    ::sem_init(&free_, 0, 1);
    ::sem_init(&filled_, 0, 0);
  }
  ~HandOver() {
    ::sem_destroy(&free_);
    ::sem_destroy(&filled_);
  }
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  // The preparing side.

  // False: the loop has ended, and takes no more.
  bool wait_for_place() {
    wait(&free_);
    return !closed_.load(std::memory_order_acquire);
  }
  void give(const Part& part) {
    part_ = part;
    ::sem_post(&filled_);
  }
  // There will be no part after this; `error` is errno.
  void give_end(LoopEnd end, int error) {
    end_ = end;
    error_ = error;
    ::sem_post(&filled_);
  }

  // The loop's side.

  // Waits for the next part. Nothing: `*part` is it, and its picture stays until free(). Else: how the loop
  // ends, with errno.
  std::optional<LoopEnd> take(Part* part) {
    wait(&filled_);
    if (end_) {
      errno = error_;
      return end_;
    }
    *part = part_;
    return {};
  }
  void free() { ::sem_post(&free_); }
  // The loop takes no more.
  void close() {
    closed_.store(true, std::memory_order_release);
    ::sem_post(&free_);
  }

 private:
  // A signal ends the wait for a part's arrival, and no other.
  static void wait(sem_t* semaphore) {
    while (::sem_wait(semaphore) != 0 && errno == EINTR) {
    }
  }

  sem_t free_{};
  sem_t filled_{};
  std::atomic<bool> closed_ = false;
  // Written by the preparing side while the place is free, read by the loop while it is filled.
  Part part_;
  std::optional<LoopEnd> end_;
  int error_ = 0;
};

}  // namespace loopgate::inspection
