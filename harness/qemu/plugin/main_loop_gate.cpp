#include "qemu/plugin/main_loop_gate.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "qemu/plugin/cpu_turns.h"

namespace loopgate {
namespace {

// A slice of guest instructions ends with the next timer, some 10 ms of host time away. Who waits longer than
// this goes on: a run that may not repeat is better than one that hangs.
constexpr std::chrono::seconds wait_limit{10};

// Of the CPUs' thread, where there are several CPUs: some milliseconds, so that a handover costs little.
constexpr unsigned locks_for_a_turn = 4'096;

// QEMU calls plain functions, so what they share can only be one object for the whole process.
struct Gate {
  QemuLockFunction lock = nullptr;
  QemuUnlockFunction unlock = nullptr;
  QemuWaitFunction wait = nullptr;
  std::atomic<QemuMutex*> big_lock = nullptr;
  std::optional<CpuTurns> turns_of_cpus;  // none where there is one CPU

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
thread_local bool stop_is_asked = false;  // of the CPUs' thread: the main loop goes first
thread_local unsigned locks_between = 0;  // likewise: how often it took the lock between two turns

void lock_for_main_loop(QemuMutex* big_lock, const char* file, int line) {
  Gate& g = gate();
  std::unique_lock guard(g.mutex);
  g.main_loop_waits = true;
  for (bool in_time = true;;) {
    in_time = g.changed.wait_for(guard, wait_limit, [&] { return g.cpu_rests; });
    if (!in_time && g.turns_of_cpus) continue;
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

// Of several CPUs: a turn of the main loop between two of theirs may end the next one, and so decide who runs
// when. It has its turns while all of them idle, and now and then where it has nothing to do for the guest.
void lock_for_cpus(QemuMutex* big_lock, const char* file, int line) {
  Gate& g = gate();
  const bool between = g.turns_of_cpus->is_between(file);
  const bool main_loop_may =
      between && ++locks_between % locks_for_a_turn == 0 && g.turns_of_cpus->main_loop_is_free();
  if (stop_is_asked || main_loop_may) {
    stop_is_asked = false;
    lock_for_cpu(big_lock, file, line);
  } else {
    g.lock(big_lock, file, line);
  }
  if (between) g.turns_of_cpus->next(line, *QemuFunctions::current_cpu_of_this_thread());
}

void lock_big_lock(QemuMutex* big_lock, const char* file, int line) {
  Gate& g = gate();
  g.big_lock = big_lock;
  if (is_cpu_thread && g.turns_of_cpus) {
    lock_for_cpus(big_lock, file, line);
  } else if (is_cpu_thread) {
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
  if (rests && g.turns_of_cpus) g.turns_of_cpus->idle();
  if (rests) g.set_cpu_rests(true);
  g.wait(condition, mutex, file, line);
  if (rests) g.set_cpu_rests(false);
}

}  // namespace

Status install_main_loop_gate(const QemuFunctions& qemu, const TurnSettings& turns) {
  Gate& g = gate();
  if (turns.cpus > 1) TRY_STATUS(g.turns_of_cpus.emplace(qemu, turns).begin());
  g.lock = *qemu.bql_mutex_lock_func;
  g.unlock = qemu.qemu_mutex_unlock_impl;
  g.wait = *qemu.qemu_cond_wait_func;
  *qemu.bql_mutex_lock_func = &lock_big_lock;
  *qemu.qemu_cond_wait_func = &wait_for_condition;
  return {};
}

void enter_main_loop_gate() {
  is_cpu_thread = true;
  if (gate().turns_of_cpus) gate().turns_of_cpus->enter();
  gate().set_cpu_rests(false);
}

void let_main_loop_go_first() {
  stop_is_asked = true;
  const std::lock_guard guard(gate().mutex);
  gate().turns_awaited = gate().turns + 1;
}

std::optional<std::int64_t> longest_cpu_turn_ns() {
  const std::optional<CpuTurns>& turns = gate().turns_of_cpus;
  return turns ? std::optional(turns->longest_ns()) : std::nullopt;
}

void translated_code_is_flushed() {
  if (gate().turns_of_cpus) gate().turns_of_cpus->flushed();
}

std::string fault_of_cpu_turns() {
  const std::optional<CpuTurns>& turns = gate().turns_of_cpus;
  if (!turns) return {};
  if (turns->uneven()) return "this QEMU's clock cannot be moved on: its CPUs would not have the same speed";
  if (turns->disturbed())
    return "a timer of the host's clock ended turns of the CPUs: the run might not repeat";
  if (turns->cut_off())
    return "QEMU's room for translated code was full, which cut a CPU's turn off: the run might not repeat";
  return {};
}

unsigned main_loop_gate_timeouts() {
  const std::lock_guard guard(gate().mutex);
  return gate().timeouts;
}

}  // namespace loopgate
