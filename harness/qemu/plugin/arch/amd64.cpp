#include "qemu/plugin/arch/amd64.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/amd64_jump.h"
#include "protocol/path_marks.h"

namespace loopgate {
namespace {

// By first_bytes().
constexpr std::uint32_t syscall = 0x050f;
constexpr std::uint32_t sysret = 0x070f48;
constexpr std::uint32_t iret = 0xcf48;
constexpr std::uint32_t hlt = 0xf4;
constexpr std::uint32_t mwait = 0xc9010f;
constexpr std::uint32_t cli = 0xfa;
constexpr std::uint32_t sti = 0xfb;
constexpr std::uint32_t popf = 0x9d;

constexpr std::uint64_t interrupts_on = 0x200;  // EFLAGS.IF

constexpr std::uint8_t gs = 0x65;

bool changes_interrupt_flag(std::uint32_t opcode) {
  return opcode == cli || opcode == sti || opcode == popf || opcode == iret || opcode == sysret;
}

bool is_legacy_prefix(std::uint8_t byte) {
  constexpr std::array<std::uint8_t, 8> prefixes = {0x26, 0x2e, 0x36, 0x3e, 0x66, 0xf0, 0xf2, 0xf3};
  return std::ranges::find(prefixes, byte) != prefixes.end();
}

// Where an instruction's operand in the CPU's own memory lies, as the kernel's per-CPU variables are
// addressed: by GS and a distance, from the instruction's end or from 0, without a register.
std::optional<std::uint64_t> gs_operand(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  std::size_t at = 0;
  bool by_gs = false;
  for (; at < bytes.size() && (bytes[at] == gs || is_legacy_prefix(bytes[at])); ++at)
    by_gs = by_gs || bytes[at] == gs;
  if (at < bytes.size() && (bytes[at] & 0xf0U) == 0x40U) ++at;  // REX
  if (at < bytes.size() && bytes[at] == 0x0f) ++at;             // of two bytes
  ++at;
  if (!by_gs || at >= bytes.size()) return std::nullopt;
  const std::uint32_t form = bytes[at] & 0xc7U;  // ModRM without the register
  const bool from_end = form == 5;
  const bool absolute = form == 4 && at + 1 < bytes.size() && (bytes[at + 1] & 0x3fU) == 0x25U;
  at += from_end ? 1 : 2;
  if ((!from_end && !absolute) || at + sizeof(std::int32_t) > bytes.size()) return std::nullopt;
  std::int32_t distance = 0;
  std::memcpy(&distance, bytes.data() + at, sizeof(distance));
  return (from_end ? address + bytes.size() : 0) + static_cast<std::uint64_t>(std::int64_t{distance});
}

// INC, and ADD of a register or a constant, of 32 bits: what taking a lock and local_bh_disable() begin with.
std::optional<std::uint64_t> first_gs_change(std::uint64_t address, std::span<const std::uint8_t> code) {
  for (std::size_t at = 0; at + 3 <= code.size(); ++at) {
    const std::uint8_t operation = code[at + 1];
    const bool constant = operation == 0x83 || operation == 0x81;
    const bool first_form = (code[at + 2] & 0x38U) == 0;  // of the operations that share such a byte
    if (code[at] != gs || (operation != 0x01 && !((operation == 0xff || constant) && first_form))) continue;
    const std::size_t size = ((code[at + 2] & 7U) == 5U ? 7 : 8) + (operation == 0x83 ? 1 : constant ? 4 : 0);
    if (at + size > code.size()) continue;
    if (const auto operand = gs_operand(address + at, code.subspan(at, size))) return operand;
  }
  return std::nullopt;
}

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
      .changes_interrupt_mask = &changes_interrupt_flag,
      .masks_priorities = [](std::uint32_t) { return false; },  // Linux leaves CR8 alone
      .is_interrupt_masked = [](std::uint64_t status) { return (status & interrupts_on) == 0; },
      .per_cpu_operand = &gs_operand,
      .first_per_cpu_change = &first_gs_change,
      .jumps_to = &amd64_jumps_to,
      .path_marks = {path_begin_amd64, path_end_amd64, part_begin_amd64, part_end_amd64, part_later_amd64},
      .arguments = {"rdi", "rsi", "rdx", "rcx", "r8", "r9"},
      .result = "rax",
      .frame_pointer = "rbp",
      .stack_pointer = "rsp",
      .system_call_number = "rax",
      .system_call_address = "rcx",
      .program_counter = "rip",
      .program_status = "eflags",
      .per_cpu = "gs_base",
  };
  return ops;
}

}  // namespace loopgate
