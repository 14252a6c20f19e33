// What tracing has to know of a guest's architecture: how a block's last instruction shows where it leads,
// and which registers hold what. One table an architecture, in a file of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/path_marks.h"
#include "protocol/trace_settings.h"

namespace loopgate {

enum class KernelEntry : std::uint8_t {
  none,
  system_call,
  exception,
  exception_with_code,  // the CPU pushes a word more
  interrupt,
};

inline constexpr std::size_t longest_instruction = 15;  // of x86

// The first four bytes of an instruction, the lowest first; a shorter one is followed by zeros.
std::uint32_t first_bytes(std::span<const std::uint8_t> instruction);

struct ArchOps {
  bool (*is_user)(std::uint64_t address);
  bool (*is_system_call)(std::uint32_t opcode);
  bool (*is_exception_return)(std::uint32_t opcode);
  // What the kernel is entered by at an address: where it is the first of an entry.
  KernelEntry (*entry_at)(const KernelLayout& layout, std::uint64_t address);
  // Whether the address is in a table of entries, where the kernel has not saved yet what was interrupted.
  bool (*in_vectors)(const KernelLayout& layout, std::uint64_t address);
  bool (*waits_for_interrupt)(std::uint32_t opcode);  // time passes after it without an instruction

  // Critical sections. An instruction that may change whether interrupts are masked.
  bool (*changes_interrupt_mask)(std::uint32_t opcode);
  // One that masks interrupts by their priority, at the interrupt controller.
  bool (*masks_priorities)(std::uint32_t opcode);
  bool (*is_interrupt_masked)(std::uint64_t status);  // of program_status

  // The preempt count. In the running task: an instruction that stores 32 bits this far behind a register.
  bool (*stores_word)(std::uint32_t opcode, std::uint32_t offset) = nullptr;
  // Or of each CPU: where the instruction stores, counted from the CPU's own memory, which `per_cpu` says;
  // nothing where it does not say so itself.
  std::optional<std::uint64_t> (*per_cpu_operand)(std::uint64_t address,
                                                  std::span<const std::uint8_t> bytes) = nullptr;
  // The first word of 32 bits there that a function adds to, in its first bytes.
  std::optional<std::uint64_t> (*first_per_cpu_change)(std::uint64_t address,
                                                       std::span<const std::uint8_t> code) = nullptr;
  // Where the code of KernelLayout::preempt_jump leads; nothing where no kernel has it.
  std::uint64_t (*jumps_to)(std::uint64_t address, std::uint64_t code) = nullptr;

  // The instructions that a program marks a path with (protocol/path_marks.h), by PathMarkKind.
  std::array<std::span<const std::uint8_t>, path_mark_kinds> path_marks;

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
  std::string_view kernel_task = {};  // in the kernel: the running task; else it is told by the switches
  std::string_view per_cpu = {};      // in the kernel: where the CPU's own memory lies
};

// A usage error that names the architecture where there is no table for it.
Result<const ArchOps*> arch_ops(const std::string& architecture);

}  // namespace loopgate
