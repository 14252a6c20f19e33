#include "qemu/plugin/arch/arm64.h"

#include "protocol/path_marks.h"

namespace loopgate {

const ArchOps& arm64_ops() {
  static const ArchOps ops = {
      .is_user = [](std::uint64_t address) { return address >> 63U == 0; },
      .is_system_call = [](std::uint32_t opcode) { return opcode == 0xd4000001; },       // SVC #0
      .is_exception_return = [](std::uint32_t opcode) { return opcode == 0xd69f03e0; },  // ERET
      .vectors_size = 0x800,
      // Sixteen entries, 0x80 apart; a block may begin at an entry's second instruction.
      .is_vector_entry = [](std::uint64_t offset) { return offset < 0x800 && offset % 0x80 <= 4; },
      // IRQ and FIQ are the second and the third of each group of four.
      .is_interrupt_entry =
          [](std::uint64_t offset) {
            return offset < 0x800 && offset % 0x200 >= 0x80 && offset % 0x200 < 0x180;
          },
      .waits_for_interrupt = [](std::uint32_t opcode) { return opcode == 0xd503207f; },  // WFI
      .path_begin = path_begin_arm64,
      .path_end = path_end_arm64,
      .arguments = {"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"},
      .frame_pointer = "x29",
      .link_register = "x30",
      .system_call_number = "x8",
      .interrupted_address = "ELR_EL1",
      .program_counter = "pc",
  };
  return ops;
}

}  // namespace loopgate
