// Follows the locks of a kernel whose spinlocks are real-time mutexes: has the recorder write down what
// real-time tasks wait for, and where a hunt aims, tells its listener where a lock is taken that the payload
// will want.
#pragma once

#include <deque>
#include <memory>

#include "protocol/trace_settings.h"
#include "qemu/plugin/held_locks.h"
#include "qemu/plugin/lock_waits.h"
#include "qemu/plugin/probe.h"
#include "qemu/plugin/qemu_plugin.h"
#include "qemu/plugin/section_listener.h"

namespace loopgate {

class GuestRegisters;
class SectionProbe;

class LockProbe : public Probe {
 public:
  // The listener may be nothing.
  LockProbe(const LockFunctions& functions, TraceHost* host, SectionProbe* recorder,
            SectionListener* listener)
      : functions_(functions), host_(host), recorder_(recorder), listener_(listener) {}

  void on_translate(qemu_plugin_tb* translated, TracedBlock* block) override;
  void on_block(unsigned, TracedBlock*) override {}
  void on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) override;
  void on_pin(const PinEvent& event) override;
  bool flush() override { return true; }

 private:
  // The begin of one of the functions. QEMU keeps its address.
  struct Function {
    LockProbe* probe = nullptr;
    const TracedBlock* block = nullptr;
    const TakingFunction* takes = nullptr;  // nothing: it gives back
  };

  void on_call(unsigned cpu, const Function& called);
  void on_take(unsigned cpu, const LockCall& call, GuestRegisters* registers);
  void on_give(unsigned cpu, std::uint64_t lock, std::int64_t at_ns);
  TraceTask holder_of(const LockCall& call, std::uint64_t owner, std::uint64_t waiter);
  void leave(unsigned cpu, std::uint64_t task, std::int64_t at_ns);

  const LockFunctions functions_;
  TraceHost* host_;
  SectionProbe* recorder_;
  SectionListener* listener_;
  LockWaits waits_;
  HeldLocks locks_;  // that the listener is told of
  std::deque<Function> called_;
  std::deque<bool> real_time_;  // the task on each CPU, as of its last switch
};

}  // namespace loopgate
