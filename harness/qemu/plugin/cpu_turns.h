// The turns of a guest's CPUs, where it has several.
//
// With -icount, QEMU runs all CPUs in one thread, one after the other (rr_cpu_thread_fn in
// accel/tcg/tcg-accel-ops-rr.c). A turn ends with the next timer of the virtual clock, of which each CPU gets
// an equal share (icount_percpu_budget): milliseconds, in which the others stand still. So this holds a timer
// before QEMU that is always `cpus` slices away: no turn is then longer than a slice. It never fires, and
// lies in a list of its own whose changes wake nobody.
//
// The clock counts the instructions of all CPUs, so each has 1 / cpus of its speed while all are busy. It has
// that speed while others idle, too: the clock is moved on by the turns that these do not use, up to the next
// timer. Else a load on one CPU would slow the others down.
//
// What the bench adds to a path that needs another CPU is at most a slice for each other CPU. That it is, is
// seen and not assumed: the clock is read between all turns. See decisions/0075.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "protocol/turn_settings.h"
#include "qemu/plugin/qemu_functions.h"
#include "qemu/plugin/quiet_timer.h"

namespace loopgate {

// As QEMU lays it out (include/qemu/notify.h).
struct QemuNotifier {
  void (*notify)(QemuNotifier* self, void* data) = nullptr;
  QemuNotifier* next = nullptr;
  QemuNotifier** previous = nullptr;
};

class CpuTurns {
 public:
  CpuTurns(const QemuFunctions& qemu, const TurnSettings& settings);
  CpuTurns(const CpuTurns&) = delete;
  CpuTurns& operator=(const CpuTurns&) = delete;

  // Once, in the main thread, before a CPU exists. An infrastructure error where QEMU's timers are not what
  // they are taken for.
  Status begin() { return end_.begin(); }

  // In the CPUs' thread, before its first instruction. QEMU's RCU threads would end a turn at some
  // instruction or other, as the host's threads race (rr_force_rcu); a turn is short enough for them to wait
  // for its end.
  void enter();

  // Whether this source file of QEMU's, which takes its lock, does so between two turns.
  bool is_between(const char* file);

  // Between two turns: whether a turn of QEMU's main loop would do nothing for the guest. Else it would move
  // the clock on, or run a timer and kick all CPUs, which decides who runs next.
  bool main_loop_is_free();

  // Between two turns, with QEMU's lock, which this line of that file took: the first that ever does is the
  // begin of a round, before any CPU has run.
  void next(int line, const QemuCpu* ran);

  // All CPUs idle: QEMU moves its clock on to the next timer, which must not be this one.
  void idle();

  std::int64_t longest_ns() const { return longest_ns_; }

  // Whether this QEMU's clock cannot be moved on, so that CPUs would have another speed while others idle.
  bool uneven() const { return rcu_.notify != nullptr && bias_ns_ == nullptr; }

  // QEMU throws all translated code away, which ends the turn of the CPU that found no room for more: after
  // how many instructions depends on the host's. What came before the first turn, as a restored state, ends
  // none.
  void flushed() { cut_off_ = cut_off_ || longest_ns_ > 0; }
  bool cut_off() const { return cut_off_; }

  // Whether QEMU was seen with a timer of the host's clock, which ends turns as well (icount_get_limit): from
  // then on the run may not repeat.
  bool disturbed() const { return disturbed_; }

 private:
  std::int64_t* find_bias() const;
  // How far the clock goes on beside the turn that took so long, since CPUs that idle have their turns, too.
  std::int64_t others_share(const QemuCpu* ran, std::int64_t turn_ns);

  const QemuFunctions qemu_;
  const TurnSettings settings_;
  QuietTimer end_;  // of the turns; for timer_mod_ns() for each would take as long as the turn
  QemuNotifier rcu_;
  const char* turns_file_ = nullptr;
  int first_line_ = 0;
  std::int64_t began_ns_ = -1;  // of the turn that runs
  std::int64_t longest_ns_ = 0;
  bool disturbed_ = false;
  bool cut_off_ = false;
  std::int64_t* bias_ns_ = nullptr;  // of QEMU's: what its virtual clock is ahead of the instructions
  struct Cpu {
    const QemuCpu* cpu = nullptr;
    std::int64_t turn_ns = 0;  // its last
  };
  std::vector<Cpu> cpus_;
};

}  // namespace loopgate
