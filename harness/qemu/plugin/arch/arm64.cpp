#include "qemu/plugin/arch/arm64.h"

#include "protocol/path_marks.h"

namespace loopgate {
namespace {

// MSR DAIFSet/DAIFClr, #imm, where the immediate has I (bit 1), MSR DAIF, Xt, and ERET.
bool changes_interrupt_mask(std::uint32_t opcode) {
  const bool immediate = (opcode & 0xfffff0dfU) == 0xd50340dfU && (opcode & 0x200U) != 0;
  return immediate || (opcode & 0xffffffe0U) == 0xd51b4220U || opcode == 0xd69f03e0U;
}

// MSR ICC_PMR_EL1, Xt: pseudo-NMI.
bool masks_priorities(std::uint32_t opcode) { return (opcode & 0xffffffe0U) == 0xd5184600U; }

// STR Wt, [Xn, #offset]: the form that compilers take for a member of a structure.
bool stores_word(std::uint32_t opcode, std::uint32_t offset) {
  return (opcode & 0xfffffc00U) == (0xb9000000U | (offset / 4) << 10U) && offset % 4 == 0;
}

constexpr std::uint64_t vectors_size = 0x800;

bool in_vectors(const KernelLayout& layout, std::uint64_t address) {
  return address - layout.vectors < vectors_size;
}

// Sixteen entries, 0x80 apart; a block may begin at an entry's second instruction. IRQ and FIQ are the second
// and the third of each group of four.
KernelEntry entry_at(const KernelLayout& layout, std::uint64_t address) {
  const std::uint64_t offset = address - layout.vectors;
  if (offset >= vectors_size || offset % 0x80 > 4) return KernelEntry::none;
  const bool interrupt = offset % 0x200 >= 0x80 && offset % 0x200 < 0x180;
  return interrupt ? KernelEntry::interrupt : KernelEntry::exception;
}

}  // namespace

const ArchOps& arm64_ops() {
  static const ArchOps ops = {
      .is_user = [](std::uint64_t address) { return address >> 63U == 0; },
      .is_system_call = [](std::uint32_t opcode) { return opcode == 0xd4000001; },       // SVC #0
      .is_exception_return = [](std::uint32_t opcode) { return opcode == 0xd69f03e0; },  // ERET
      .entry_at = &entry_at,
      .in_vectors = &in_vectors,
      .waits_for_interrupt = [](std::uint32_t opcode) { return opcode == 0xd503207f; },  // WFI
      .changes_interrupt_mask = &changes_interrupt_mask,
      .masks_priorities = &masks_priorities,
      .is_interrupt_masked = [](std::uint64_t status) { return (status & 0x80U) != 0; },  // PSTATE.I
      .stores_word = &stores_word,
      .path_marks = {path_begin_arm64, path_end_arm64, part_begin_arm64, part_end_arm64, part_later_arm64},
      .arguments = {"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"},
      .result = "x0",
      .frame_pointer = "x29",
      .stack_pointer = "sp",
      .link_register = "x30",
      .system_call_number = "x8",
      .interrupted_address = "ELR_EL1",
      .system_call_address = "ELR_EL1",
      .program_counter = "pc",
      .program_status = "cpsr",
      .kernel_task = "SP_EL0",
  };
  return ops;
}

}  // namespace loopgate
