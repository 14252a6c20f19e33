// What looks at the guest while it runs. TraceHost drives every probe; what each makes of it is its own.
#pragma once

#include <cstdint>

#include "qemu/plugin/arch/arch_ops.h"

struct qemu_plugin_tb;

namespace loopgate {

class TraceHost;

// A block of the guest's instructions, as QEMU translated it. The host keeps it until QEMU ends.
struct TracedBlock {
  TraceHost* host = nullptr;
  std::uint32_t id = 0;
  std::uint64_t address = 0;
  std::uint32_t instructions = 0;
  std::uint32_t last_opcode = 0;
  std::uint32_t size = 0;                 // in bytes
  KernelEntry entry = KernelEntry::none;  // what the kernel is entered by there
  bool landmark = false;                  // a phase of a sample can end here
};

// A program's mark in a translated block (protocol/path_marks.h). The host keeps it until QEMU ends.
struct PathMark {
  const TracedBlock* block = nullptr;
  std::uint32_t index = 0;  // of its instruction in the block
  PathMarkKind kind = PathMarkKind::begin;
};

// What the bench saw or did at a pin.
struct PinEvent {
  enum class Edge { stimulus, response, given_up };
  Edge edge = Edge::stimulus;
  std::uint32_t sample = 0;  // of a stimulus: by its index in the schedule
  bool counted = false;      // of a stimulus: neither a self-check nor a warm-up
  std::int64_t at_ns = 0;
};

class Probe {
 public:
  virtual ~Probe() = default;

  // QEMU has translated a block: a probe may ask for callbacks of its own in it, behind the host's.
  virtual void on_translate(qemu_plugin_tb* /*translated*/, TracedBlock* /*block*/) {}

  // A block begins on this CPU. Only between TraceHost::want_blocks(true) and want_blocks(false).
  virtual void on_block(unsigned cpu, TracedBlock* translated) = 0;

  // The kernel switches this CPU from one task to another (addresses of a task_struct). Always.
  virtual void on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) = 0;

  // The CPU executes a mark. Only where the settings ask for paths; the CPU is in user space.
  virtual void on_mark(unsigned /*cpu*/, const PathMark& /*mark*/) {}

  // Called where the bench is: in a virtual timer, or in the store that moves the pin.
  virtual void on_pin(const PinEvent& event) = 0;

  // Writes out what is still in memory. Whether everything could be written.
  virtual bool flush() = 0;
};

}  // namespace loopgate
