#include "qemu/plugin/main_loop_gate.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace loopgate {
namespace {

// A slice of guest instructions ends with the next timer, some 10 ms of host time away. Who waits longer than
// this goes on: a run that may not repeat is better than one that hangs.
constexpr std::chrono::seconds wait_limit{10};

// QEMU calls plain functions, so what they share can only be one object for the whole process.
struct Gate {
  QemuLockFunction lock = nullptr;
  QemuUnlockFunction unlock = nullptr;
  QemuWaitFunction wait = nullptr;
  std::atomic<QemuMutex*> big_lock = nullptr;

  std::mutex mutex;
  std::condition_variable changed;
  bool cpu_rests = true;
  bool main_loop_waits = false;
  unsigned turns = 0;          // of the main loop
  unsigned turns_awaited = 0;  // before the CPU's thread goes on
  unsigned timeouts = 0;

  void set_cpu_rests(bool rests) {
    const std::lock_guard guard(mutex);
    cpu_rests = rests;
    changed.notify_all();
  }
};

Gate& gate() {
  static Gate only;
  return only;
}

thread_local bool is_cpu_thread = false;

void lock_for_main_loop(QemuMutex* big_lock, const char* file, int line) {
  Gate& g = gate();
  std::unique_lock guard(g.mutex);
  g.main_loop_waits = true;
  for (bool in_time = true;;) {
    in_time = g.changed.wait_for(guard, wait_limit, [&] { return g.cpu_rests; });
    if (!in_time) ++g.timeouts;
    guard.unlock();
    g.lock(big_lock, file, line);
    guard.lock();
    // The CPU's thread may have had the lock before, and be under way again.
    if (g.cpu_rests || !in_time) break;
    g.unlock(big_lock, file, line);
  }
  g.main_loop_waits = false;
  ++g.turns;
  g.changed.notify_all();
}

void lock_for_cpu(QemuMutex* big_lock, const char* file, int line) {
  Gate& g = gate();
  {
    std::unique_lock guard(g.mutex);
    g.cpu_rests = true;
    g.changed.notify_all();
    const auto may_go_on = [&] { return !g.main_loop_waits && g.turns >= g.turns_awaited; };
    if (!g.changed.wait_for(guard, wait_limit, may_go_on)) ++g.timeouts;
    g.turns_awaited = 0;
  }
  g.lock(big_lock, file, line);
  g.set_cpu_rests(false);
}

void lock_big_lock(QemuMutex* big_lock, const char* file, int line) {
  Gate& g = gate();
  g.big_lock = big_lock;
  if (is_cpu_thread) {
    lock_for_cpu(big_lock, file, line);
  } else if (::gettid() == ::getpid()) {
    lock_for_main_loop(big_lock, file, line);
  } else {
    g.lock(big_lock, file, line);
  }
}

void wait_for_condition(QemuCondition* condition, QemuMutex* mutex, const char* file, int line) {
  Gate& g = gate();
  const bool rests = is_cpu_thread && mutex == g.big_lock;
  if (rests) g.set_cpu_rests(true);
  g.wait(condition, mutex, file, line);
  if (rests) g.set_cpu_rests(false);
}

}  // namespace

void install_main_loop_gate(const QemuFunctions& qemu) {
  Gate& g = gate();
  g.lock = *qemu.bql_mutex_lock_func;
  g.unlock = qemu.qemu_mutex_unlock_impl;
  g.wait = *qemu.qemu_cond_wait_func;
  *qemu.bql_mutex_lock_func = &lock_big_lock;
  *qemu.qemu_cond_wait_func = &wait_for_condition;
}

void enter_main_loop_gate() {
  is_cpu_thread = true;
  gate().set_cpu_rests(false);
}

void let_main_loop_go_first() {
  const std::lock_guard guard(gate().mutex);
  gate().turns_awaited = gate().turns + 1;
}

unsigned main_loop_gate_timeouts() {
  const std::lock_guard guard(gate().mutex);
  return gate().timeouts;
}

}  // namespace loopgate
