// Traces the guest from within QEMU, at no cost to it: callbacks at the begin of translated blocks are handed
// to the probes. The guest's clock counts instructions and knows nothing of callbacks, so the samples stay
// those of the run that was not traced; the harness compares them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "protocol/trace_settings.h"
#include "qemu/plugin/arch/arch_ops.h"
#include "qemu/plugin/guest_kernel.h"
#include "qemu/plugin/guest_registers.h"
#include "qemu/plugin/probe.h"
#include "qemu/plugin/qemu_functions.h"
#include "qemu/plugin/qemu_plugin.h"
#include "qemu/plugin/section_listener.h"
#include "qemu/plugin/stack_reader.h"

namespace loopgate {

class TraceHost {
 public:
  // Registers its callbacks with QEMU, which knows no other argument than a process-wide one: one at a time.
  // A usage error where the architecture can't be traced. A listener hears of sections, where these are
  // recorded.
  static Result<std::unique_ptr<TraceHost>> create(const std::string& architecture,
                                                   const TraceSettings& settings, const QemuFunctions& qemu,
                                                   qemu_plugin_id_t plugin,
                                                   SectionListener* listener = nullptr);
  ~TraceHost();
  TraceHost(const TraceHost&) = delete;
  TraceHost& operator=(const TraceHost&) = delete;

  // From the bench.
  void on_pin(const PinEvent& event);
  bool flush();

  // For the probes.
  const ArchOps& ops() const { return ops_; }
  GuestKernel& kernel() { return kernel_; }
  StackReader& stacks() { return *stacks_; }
  // The registers of the CPU whose callback this is; nothing where QEMU does not have them all.
  GuestRegisters* registers(unsigned cpu);
  // The running task, as of the CPU's last switch; 0 before that.
  std::uint64_t current_task(unsigned cpu) { return cpu_at(cpu).current_task; }
  // The CPU whose callback this is: not the number that QEMU hands to it (see hear_begin()).
  unsigned running_cpu();
  // The CPU that ran a block last: in a store that moves a pin, the one that stores.
  unsigned last_cpu() const { return last_cpu_; }
  // Of the block at the begin of the kernel's switching function, in which on_switch() is called.
  std::uint32_t switch_block_instructions() const { return switch_block_instructions_; }
  std::uint64_t switch_function() const { return layout_.switch_function; }
  // Counted: blocks are handed out until each probe that asked for them has taken it back.
  void want_blocks(bool wanted);
  // QEMU translates a page of instructions once, at the address of the process that came first (CF_PCREL),
  // and runs that for all processes that share the page: a library's, the vDSO's. This is the block at the
  // address at which it runs now.
  TracedBlock* at_its_address(unsigned cpu, TracedBlock* translated);
  // The virtual time in a block's callback, which QEMU would refuse to read: the block's end.
  std::int64_t block_end_ns() const;

 private:
  struct Cpu {
    GuestRegisters registers;
    std::uint64_t current_task = 0;
  };

  TraceHost(const ArchOps& ops, const TraceSettings& settings, const QemuFunctions& qemu);
  Status record_sections(const TraceSettings& settings, SectionListener* listener);
  void translate(qemu_plugin_tb* translated);
  void hear_begin(qemu_plugin_tb* translated, TracedBlock* block);
  void hear_marks(qemu_plugin_tb* translated, const TracedBlock& block);
  void on_mark(unsigned cpu, const PathMark& mark);
  void on_block(unsigned cpu, TracedBlock* translated);
  void on_switch(unsigned cpu, const TracedBlock& block);
  Cpu& cpu_at(unsigned cpu);

  const ArchOps& ops_;
  const KernelLayout layout_;
  const bool paths_;  // marks are heard
  const QemuFunctions qemu_;
  GuestKernel kernel_;
  std::unique_ptr<StackReader> stacks_;
  qemu_plugin_scoreboard* score_;
  std::deque<Cpu> cpus_;
  std::deque<TracedBlock> blocks_;  // QEMU keeps their addresses
  std::deque<PathMark> marks_;      // and of these
  // By the translated block and address.
  std::map<std::pair<std::uint32_t, std::uint64_t>, TracedBlock*> elsewhere_;
  std::vector<std::unique_ptr<Probe>> probes_;
  unsigned last_cpu_ = 0;
  const QemuCpu* running_ = nullptr;  // whose number is running_cpu_
  unsigned running_cpu_ = 0;
  std::uint32_t switch_block_instructions_ = 0;
  std::uint64_t blocks_wanted_ = 0;  // by how many probes
};

}  // namespace loopgate
