// Records every critical section of a run (decision 0069). Only what can change one is looked at: what comes
// behind an instruction that changes the interrupt mask, the exception vectors, the stores that may be the
// preempt count's, the kernel's opportunities to run another task, and the wait for an interrupt.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "protocol/trace_settings.h"
#include "qemu/plugin/guest_registers.h"
#include "qemu/plugin/lock_waits.h"
#include "qemu/plugin/preempt_count.h"
#include "qemu/plugin/probe.h"
#include "qemu/plugin/qemu_plugin.h"
#include "qemu/plugin/section_listener.h"
#include "qemu/plugin/section_windows.h"
#include "qemu/plugin/section_writer.h"

namespace loopgate {

class SectionProbe : public Probe {
 public:
  // The host owns it. The listener may be nothing.
  static Result<std::unique_ptr<SectionProbe>> create(const TraceSettings& settings, TraceHost* host,
                                                      SectionListener* listener);
  ~SectionProbe() override;
  SectionProbe(const SectionProbe&) = delete;
  SectionProbe& operator=(const SectionProbe&) = delete;

  void on_translate(qemu_plugin_tb* translated, TracedBlock* block) override;
  void on_block(unsigned, TracedBlock*) override {}
  void on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) override;
  void on_pin(const PinEvent& event) override;
  bool flush() override;

  // A task began to wait for a lock; it goes on, on this CPU.
  void begin_wait() { ++waiting_; }
  void end_wait(unsigned cpu, const LockWait& wait);

 private:
  // An instruction that is looked at, in a block. QEMU keeps its address.
  struct Instruction {
    SectionProbe* probe = nullptr;
    const TracedBlock* block = nullptr;
    std::uint32_t index = 0;
    std::uint64_t address = 0;
    std::uint32_t size = 0;
    std::uint64_t number = 0;  // its own in `instructions_`, from 1
  };
  struct Cpu {
    SectionWindows windows;
    std::uint64_t task = 0;      // address of its task_struct; 0 until it is known
    std::uint32_t number = 0;    // the task's, in the file
    std::uint64_t count_at = 0;  // address of its preempt count
    std::uint32_t count = 0;
    std::uint64_t here = 0;     // the instruction that the registers are of
    std::uint64_t changed = 0;  // of several CPUs, as changed_
    std::optional<std::int64_t> asleep_since_ns;
  };

  SectionProbe(const TraceSettings& settings, TraceHost* host, SectionListener* listener,
               SectionWriter writer);
  void hear_instructions(qemu_plugin_tb* translated, const TracedBlock& block);
  void hear_change(qemu_plugin_tb* translated, Instruction& heard);
  void hear(qemu_plugin_insn* instruction, const Instruction& heard, std::span<const std::uint8_t> code);
  Instruction& keep(Instruction heard);
  bool may_be_opportunity(std::uint64_t address) const;

  void on_begin(const TracedBlock& block);
  void on_change(const Instruction& at);
  void on_opportunity(const TracedBlock& block);
  void on_count(unsigned cpu, const Instruction& at, std::uint32_t count);
  void on_wait(const Instruction& at);

  std::uint64_t changed(unsigned cpu);
  void set_changed(unsigned cpu, std::uint64_t number);
  SectionPlace changed_at(std::uint64_t number, std::uint64_t here, GuestRegisters* registers) const;
  bool learn(Cpu* state, GuestRegisters* registers, const TracedBlock& block);
  // Gives its priority.
  std::int32_t take_task(Cpu* state, GuestRegisters* registers, std::uint64_t address);
  std::uint32_t number_of(const TraceTask& task);
  void learn_preemption();
  void check_count(const Cpu& state, std::uint64_t task);
  void follow_count(Cpu* state, std::uint32_t count, const SectionMoment& moment);
  std::array<bool, 3> kinds_of(std::uint32_t count) const;
  std::int64_t time_before(const TracedBlock& block, std::uint32_t index) const;
  void take_changes(unsigned cpu);
  void tell(unsigned cpu, GuestRegisters* registers);
  std::vector<std::uint64_t> chain_of(const Cpu& state, GuestRegisters* registers);
  Cpu& cpu_at(unsigned cpu);

  const TraceSettings settings_;
  TraceHost* host_;
  SectionListener* listener_;
  SectionWriter writer_;
  PreemptCount count_;
  bool several_ = false;  // CPUs, for which QEMU's scoreboards are none (see TraceHost::hear_begin())
  bool preemptible_;      // the kernel preempts its own code
  // The number of the instruction, counted from 1, behind which the next block looks at the CPU's state.
  qemu_plugin_scoreboard* changed_;
  std::deque<Instruction> instructions_;
  std::deque<Cpu> cpus_;
  SectionFileEnd end_{};
  bool counting_ = false;      // the first counted stimulus has come
  std::uint64_t waiting_ = 0;  // tasks that wait for a lock
};

}  // namespace loopgate
