// Follows the locks of a kernel whose spinlocks are real-time mutexes, while a hunt aims: tells its listener
// where one is taken that the payload will want. Records nothing.
#pragma once

#include <deque>
#include <memory>

#include "protocol/trace_settings.h"
#include "qemu/plugin/held_locks.h"
#include "qemu/plugin/probe.h"
#include "qemu/plugin/qemu_plugin.h"
#include "qemu/plugin/section_listener.h"

namespace loopgate {

class LockProbe : public Probe {
 public:
  LockProbe(const LockFunctions& functions, TraceHost* host, SectionListener* listener)
      : functions_(functions), host_(host), listener_(listener) {}

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
    bool takes = false;
  };

  void on_call(unsigned cpu, const Function& called);

  const LockFunctions functions_;
  TraceHost* host_;
  SectionListener* listener_;
  HeldLocks locks_;
  std::deque<Function> called_;
  std::deque<bool> real_time_;  // the task on each CPU, as of its last switch
};

}  // namespace loopgate
