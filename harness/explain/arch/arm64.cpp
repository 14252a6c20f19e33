#include "explain/arch/arm64.h"

namespace loopgate {
namespace {

bool is_call(std::uint32_t opcode) {
  return (opcode & 0xfc000000U) == 0x94000000U ||  // BL
         (opcode & 0xfffffc1fU) == 0xd63f0000U;    // BLR
}

// arch/arm64/kernel/entry.S
bool enters_exception(std::string_view function) {
  return function.starts_with("el1h_64_") && !function.ends_with("_handler");
}

}  // namespace

const ExplainArch& arm64_explained() {
  static const ExplainArch arch = {
      .is_kernel = [](std::uint64_t address) { return address >> 63U != 0; },
      .is_call = &is_call,
      .is_return = [](std::uint32_t opcode) { return (opcode & 0xfffffc1fU) == 0xd65f0000U; },  // RET
      .is_exception_return = [](std::uint32_t opcode) { return opcode == 0xd69f03e0U; },        // ERET
      .enters_exception = &enters_exception,
      .system_call_handler = "el0_svc",  // of a 64-bit program (arch/arm64/kernel/entry-common.c)
      .system_call_prefix = "__arm64_sys_",
      .switch_function = "cpu_switch_to",
      .vectors = "vectors",
      .saved_by_switch = "thread.cpu_context.fp",
  };
  return arch;
}

}  // namespace loopgate
