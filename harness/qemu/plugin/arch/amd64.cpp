#include "qemu/plugin/arch/amd64.h"

#include <algorithm>

#include "protocol/path_marks.h"

namespace loopgate {
namespace {

// The first bytes of an instruction, the lowest first; a shorter one is followed by zeros.
constexpr std::uint32_t syscall = 0x050f;
constexpr std::uint32_t sysret = 0x070f48;
constexpr std::uint32_t iret = 0xcf48;
constexpr std::uint32_t hlt = 0xf4;
constexpr std::uint32_t mwait = 0xc9010f;

bool is_in(const std::vector<std::uint64_t>& addresses, std::uint64_t address) {
  return std::ranges::binary_search(addresses, address);
}

KernelEntry x86_entry_at(const KernelLayout& layout, std::uint64_t address) {
  const ExceptionEntries& entries = layout.entries;
  if (is_in(entries.interrupts, address)) return KernelEntry::interrupt;
  if (is_in(entries.system_calls, address)) return KernelEntry::system_call;
  if (is_in(entries.with_error_code, address)) return KernelEntry::exception_with_code;
  return is_in(entries.exceptions, address) ? KernelEntry::exception : KernelEntry::none;
}

}  // namespace

const ArchOps& amd64_ops() {
  static const ArchOps ops = {
      .is_user = [](std::uint64_t address) { return address >> 63U == 0; },
      .is_system_call = [](std::uint32_t opcode) { return opcode == syscall; },
      .is_exception_return = [](std::uint32_t opcode) { return opcode == iret || opcode == sysret; },
      .entry_at = &x86_entry_at,
      // Each entry is a function, which the kernel's unwind tables know from its first instruction on.
      .in_vectors = [](const KernelLayout&, std::uint64_t) { return false; },
      .waits_for_interrupt = [](std::uint32_t opcode) { return opcode == hlt || opcode == mwait; },
      .path_begin = path_begin_amd64,
      .path_end = path_end_amd64,
      .arguments = {"rdi", "rsi", "rdx", "rcx", "r8", "r9"},
      .result = "rax",
      .frame_pointer = "rbp",
      .stack_pointer = "rsp",
      .system_call_number = "rax",
      .system_call_address = "rcx",
      .program_counter = "rip",
      .program_status = "eflags",
  };
  return ops;
}

}  // namespace loopgate
