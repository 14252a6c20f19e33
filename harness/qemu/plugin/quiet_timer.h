// A timer of QEMU's virtual clock that can be moved without a CPU's turn ending for it.
//
// QEMU kicks the CPUs where a timer is moved to the front of a list of the main loop's
// (qemu_timer_notify_cb): that ends the running turn at its next block, and leaves the next one out. This one
// lies in a list of its own, and its end is written where QEMU keeps it. QEMU sees it like any other as it
// looks for the next timer, and tells its list once it is due.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "qemu/plugin/qemu_functions.h"

namespace loopgate {

class QuietTimer {
 public:
  using Fired = void (*)(void* opaque);
  // `fired` may be nothing. QEMU keeps its address, so it neither moves nor is copied.
  explicit QuietTimer(const QemuFunctions& qemu, Fired fired = nullptr, void* opaque = nullptr);
  QuietTimer(const QuietTimer&) = delete;
  QuietTimer& operator=(const QuietTimer&) = delete;

  // Once. An infrastructure error where QEMU's timers are not what they are taken for; then it never fires,
  // and is not to be armed.
  Status begin();

  // Of what was armed for a time that has passed, it fires where QEMU looks at its timers next.
  void arm_at(std::int64_t ns);
  void disarm();

 private:
  bool end_is_where_it_is_written(QemuTimer* timer);
  void on_notice(int clock);
  std::int64_t end_ns() const;

  const QemuFunctions qemu_;
  const Fired fired_;
  void* const opaque_;
  bool begun_ = false;
  void* lists_[8] = {};  // QEMUTimerListGroup: a pointer a clock, of which QEMU 10 has four
  alignas(16) unsigned char timer_[256] = {};
};

}  // namespace loopgate
