// From one task to another of the same priority and back: two switches an iteration. Both are threads of one
// process, on one CPU.
#include <sched.h>

#include "gates.h"
#include "partner.h"
#include "primitive.h"

namespace loopgate::primitives {
namespace {

template <class Gate>
class ThereAndBack : public Primitive {
 public:
  explicit ThereAndBack(const Settings& settings) : partner_(settings, 0, [this] { answer(); }) {}
  ~ThereAndBack() {
    over_ = true;
    there_.post();
  }
  ThereAndBack(const ThereAndBack&) = delete;
  ThereAndBack& operator=(const ThereAndBack&) = delete;
  void iterate() {
    there_.post();
    back_.wait();
  }

 private:
  void answer() {
    for (;;) {
      there_.wait();
      if (over_) return;
      back_.post();
    }
  }

  Gate there_, back_;
  std::atomic<bool> over_{false};
  Partner partner_;
};

// Two tasks that are ready all the time, and give way to each other. Of what other policies than SCHED_FIFO
// and SCHED_RR make of it nobody can say that it is a switch.
class Yield : public Primitive {
 public:
  explicit Yield(const Settings& settings) : partner_(settings, 0, [this] { answer(); }) {}
  ~Yield() {
    over_ = true;
    begin_.post();
  }
  Yield(const Yield&) = delete;
  Yield& operator=(const Yield&) = delete;
  void begin_pass(std::int64_t iterations) {
    passing_ = true;
    begin_.post();
    ::sched_yield();  // now the partner waits in its own
    turns_ = 0;
    wanted_ = iterations;
  }
  void iterate() { ::sched_yield(); }
  void end_pass() {
    must_hold(turns_ >= wanted_, "sched_yield did not let the other task run each time");
    passing_ = false;
    ::sched_yield();
  }

 private:
  void answer() {
    for (;;) {
      begin_.wait();
      if (over_) return;
      for (; passing_; ++turns_) ::sched_yield();
    }
  }

  FutexGate begin_;
  std::atomic<bool> over_{false}, passing_{false};
  std::int64_t turns_ = 0, wanted_ = 0;  // only one of the two runs at a time
  Partner partner_;
};

}  // namespace

std::vector<Entry> switches() {
  return {
      entry<ThereAndBack<PipeGate>>("switch-pipe", "to a task of the same priority and back, by two pipes"),
      entry<ThereAndBack<EventGate>>("switch-eventfd",
                                     "to a task of the same priority and back, by two eventfds"),
      entry<ThereAndBack<FutexGate>>("switch-futex",
                                     "to a task of the same priority and back, by two futexes"),
      entry<Yield>("sched-yield", "to a task of the same priority and back, by sched_yield()",
                   {.real_time = true})};
}

}  // namespace loopgate::primitives
