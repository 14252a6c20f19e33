#include "qemu/plugin/arch/arch_ops.h"

#include <algorithm>
#include <cstring>

#include "qemu/plugin/arch/amd64.h"
#include "qemu/plugin/arch/arm64.h"

namespace loopgate {

std::uint32_t first_bytes(std::span<const std::uint8_t> instruction) {
  std::uint32_t opcode = 0;
  std::memcpy(&opcode, instruction.data(), std::min(instruction.size(), sizeof(opcode)));
  return opcode;
}

Result<const ArchOps*> arch_ops(const std::string& architecture) {
  if (architecture == "arm64") return &arm64_ops();
  if (architecture == "amd64") return &amd64_ops();
  return fail(ErrorKind::usage, "the instrument cannot trace a guest of architecture \"" + architecture +
                                    "\", only arm64 and amd64");
}

}  // namespace loopgate
