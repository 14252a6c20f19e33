// What tracing has to know of a guest's architecture: how a block's last instruction shows where it leads,
// and which registers hold what. One table an architecture, in a file of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/trace_settings.h"

namespace loopgate {

enum class KernelEntry : std::uint8_t {
  none,
  system_call,
  exception,
  exception_with_code,  // the CPU pushes a word more
  interrupt,
};

struct ArchOps {
  bool (*is_user)(std::uint64_t address);
  bool (*is_system_call)(std::uint32_t opcode);
  bool (*is_exception_return)(std::uint32_t opcode);
  // What the kernel is entered by at an address: where it is the first of an entry.
  KernelEntry (*entry_at)(const KernelLayout& layout, std::uint64_t address);
  // Whether the address is in a table of entries, where the kernel has not saved yet what was interrupted.
  bool (*in_vectors)(const KernelLayout& layout, std::uint64_t address);
  bool (*waits_for_interrupt)(std::uint32_t opcode);  // time passes after it without an instruction

  // Critical sections; all nothing where these can't be recorded. An instruction that may change whether
  // interrupts are masked: the last of its block.
  bool (*changes_interrupt_mask)(std::uint32_t opcode) = nullptr;
  // One that masks interrupts by their priority, at the interrupt controller.
  bool (*masks_priorities)(std::uint32_t opcode) = nullptr;
  // One that stores 32 bits this far behind a register.
  bool (*stores_word)(std::uint32_t opcode, std::uint32_t offset) = nullptr;
  // Of program_status.
  bool (*is_interrupt_masked)(std::uint64_t status) = nullptr;
  bool (*is_user_mode)(std::uint64_t status) = nullptr;

  // The instructions that a program marks a path with (protocol/path_marks.h).
  std::span<const std::uint8_t> path_begin;
  std::span<const std::uint8_t> path_end;

  // As QEMU's gdbstub names them; empty where there is no such register.
  std::vector<std::string_view> arguments;  // of a function, in their order
  std::string_view result = {};
  std::string_view frame_pointer = {};
  std::string_view stack_pointer = {};
  std::string_view link_register = {};
  std::string_view system_call_number = {};   // as the kernel is entered
  std::string_view interrupted_address = {};  // where an exception returns to; else it is on the stack
  std::string_view system_call_address = {};  // where a system call returns to, where that is another
  std::string_view program_counter = {};
  std::string_view program_status = {};
  std::string_view kernel_task = {};  // in the kernel: the running task
};

// A usage error that names the architecture where there is no table for it.
Result<const ArchOps*> arch_ops(const std::string& architecture);

}  // namespace loopgate
