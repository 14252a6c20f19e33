// What tracing has to know of a guest's architecture: how a block's last instruction shows where it leads,
// and which registers hold what. One table an architecture, in a file of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

struct ArchOps {
  bool (*is_user)(std::uint64_t address);
  bool (*is_system_call)(std::uint32_t opcode);
  bool (*is_exception_return)(std::uint32_t opcode);
  std::uint64_t vectors_size;                         // of the table that KernelLayout::vectors names
  bool (*is_vector_entry)(std::uint64_t offset);      // where in that table an exception is taken
  bool (*is_interrupt_entry)(std::uint64_t offset);   // and where an interrupt comes in
  bool (*waits_for_interrupt)(std::uint32_t opcode);  // time passes after it without an instruction

  // Critical sections. An instruction that may change whether interrupts are masked: the last of its block.
  bool (*changes_interrupt_mask)(std::uint32_t opcode);
  // One that masks interrupts by their priority, at the interrupt controller.
  bool (*masks_priorities)(std::uint32_t opcode);
  // One that stores 32 bits this far behind a register.
  bool (*stores_word)(std::uint32_t opcode, std::uint32_t offset);
  // Of program_status.
  bool (*is_interrupt_masked)(std::uint64_t status);
  bool (*is_user_mode)(std::uint64_t status);

  // The instructions that a program marks a path with (protocol/path_marks.h).
  std::span<const std::uint8_t> path_begin;
  std::span<const std::uint8_t> path_end;

  // As QEMU's gdbstub names them.
  std::vector<std::string_view> arguments;  // of a function, in their order
  std::string_view frame_pointer;
  std::string_view link_register;
  std::string_view system_call_number;
  std::string_view interrupted_address;  // where an exception returns to
  std::string_view program_counter;
  std::string_view program_status;
  std::string_view kernel_task;  // in the kernel: the running task
};

// A usage error that names the architecture where there is no table for it.
Result<const ArchOps*> arch_ops(const std::string& architecture);

}  // namespace loopgate
