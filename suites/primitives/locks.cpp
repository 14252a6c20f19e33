// The hand-over of a mutex under contention, with three priorities on one CPU:
//
//   low     has the mutex, and lets high begin
//   high    lets the hog begin, and asks for the mutex: from there on it is timed, until it has it
//   middle  the hog, works for hog_ns, or until high has the mutex
//
// With priority inheritance low runs at high's priority until it gives the mutex away, and the hog not at
// all. Without, the hog runs first, since it is above low: high waits for a task below it, as long as that
// likes (the inversion that is unbounded).
#include <pthread.h>

#include "gates.h"
#include "partner.h"
#include "primitive.h"

namespace loopgate::primitives {
namespace {

constexpr std::int64_t hog_ns = 20'000'000;

class Mutex {
 public:
  explicit Mutex(int protocol) {
    pthread_mutexattr_t attributes;
    ::pthread_mutexattr_init(&attributes);
    errno = ::pthread_mutexattr_setprotocol(&attributes, protocol);
    if (errno == 0) errno = ::pthread_mutex_init(&mutex_, &attributes);
    if (errno != 0) refuse("pthread_mutex_init");
    ::pthread_mutexattr_destroy(&attributes);
  }
  ~Mutex() { ::pthread_mutex_destroy(&mutex_); }
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void lock() { must((errno = ::pthread_mutex_lock(&mutex_)) == 0, "pthread_mutex_lock"); }
  void unlock() { must((errno = ::pthread_mutex_unlock(&mutex_)) == 0, "pthread_mutex_unlock"); }

 private:
  pthread_mutex_t mutex_{};
};

template <int protocol>
class HandOver : public Primitive {
 public:
  explicit HandOver(const Settings& settings)
      : hog_(settings, 1, [this] { hog(); }), high_(settings, 2, [this] { ask(); }) {}
  ~HandOver() {
    over_ = true;
    begin_hog_.post();
    begin_high_.post();
  }
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  std::int64_t iterate() {
    const std::int64_t before = asked_;
    mutex_.lock();
    begin_high_.post();
    must_hold(asked_ > before, "the highest task did not ask for the mutex that the lowest had");
    mutex_.unlock();
    must_hold(got_ >= asked_, "the highest task did not get the mutex once it was free");
    return got_ - asked_;
  }

 private:
  void ask() {
    for (;;) {
      begin_high_.wait();
      if (over_) return;
      begin_hog_.post();
      asked_ = part_begins_ns();
      mutex_.lock();
      got_ = part_ends_ns();
      mutex_.unlock();
    }
  }

  void hog() {
    for (;;) {
      begin_hog_.wait();
      if (over_) return;
      const std::int64_t end = now_ns() + hog_ns;
      for (std::int64_t now = 0; got_ < asked_ && now < end;) now = now_ns();
    }
  }

  Mutex mutex_{protocol};
  FutexGate begin_hog_, begin_high_;
  std::atomic<bool> over_{false};
  std::atomic<std::int64_t> asked_{0}, got_{0};
  Partner hog_, high_;
};

}  // namespace

std::vector<Entry> locks() {
  return {
      entry<HandOver<PTHREAD_PRIO_INHERIT>>(
          "pi-mutex-inherit", "a mutex is handed to the highest task over a hog of 20 ms, with inheritance",
          {.real_time = true}),
      entry<HandOver<PTHREAD_PRIO_NONE>>(
          "pi-mutex-plain", "a mutex is handed to the highest task over a hog of 20 ms, without inheritance",
          {.real_time = true})};
}

}  // namespace loopgate::primitives
