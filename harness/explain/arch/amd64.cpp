#include "explain/arch/amd64.h"

#include <algorithm>
#include <array>

#include "protocol/amd64_jump.h"

namespace loopgate {
namespace {

// An instruction's first byte behind its prefixes, and the one that follows. Prefixes: REX, and those that
// compilers put before a call or return (BND, NOTRACK, CS as padding, GS, REP).
struct Operation {
  std::uint32_t code = 0;
  std::uint32_t form = 0;
};

Operation operation_of(std::uint32_t opcode) {
  for (int byte = 0; byte < 3; ++byte, opcode >>= 8U) {
    const std::uint32_t first = opcode & 0xffU;
    const bool prefix = (first & 0xf0U) == 0x40U || first == 0xf2U || first == 0xf3U || first == 0x3eU ||
                        first == 0x2eU || first == 0x65U;
    if (!prefix) break;
  }
  return {opcode & 0xffU, (opcode >> 8U) & 0xffU};
}

bool is_x86_call(std::uint32_t opcode) {
  const auto [code, form] = operation_of(opcode);
  return code == 0xe8U || (code == 0xffU && ((form >> 3U) & 7U) == 2U);  // CALL rel32, CALL r/m64
}

bool is_x86_return(std::uint32_t opcode) {
  const std::uint32_t code = operation_of(opcode).code;
  return code == 0xc3U || code == 0xc2U;  // RET, RET imm16
}

bool is_x86_exception_return(std::uint32_t opcode) {
  return opcode == 0xcf48U || opcode == 0x070f48U;  // IRETQ, SYSRETQ
}

// arch/x86/include/asm/idtentry.h, and the labels that they end with (arch/x86/entry/entry_64.S).
bool enters_x86_exception(std::string_view function) {
  return function.starts_with("asm_") || function == "common_interrupt_return" ||
         function == "restore_regs_and_return_to_kernel" || function == "native_irq_return_iret";
}

// What a mitigation puts in place of a return or an indirect call (arch/x86/lib/retpoline.S).
bool x86_passes_on(std::string_view function) {
  return function.starts_with("__x86_indirect_") || function.starts_with("srso_") ||
         function.starts_with("retbleed_return_thunk") || function.starts_with("__x86_return_");
}

// The exceptions at which the CPU pushes an error code (DECLARE_IDTENTRY_ERRORCODE and the like).
constexpr std::array<std::string_view, 9> with_error_code = {
    "asm_exc_double_fault",    "asm_exc_invalid_tss",        "asm_exc_segment_not_present",
    "asm_exc_stack_segment",   "asm_exc_general_protection", "asm_exc_page_fault",
    "asm_exc_alignment_check", "asm_exc_control_protection", "asm_exc_vmm_communication"};

// The first counts where the kernel counts preemption, the second where it counts softirqs alone.
constexpr std::array<std::string_view, 2> counts = {"_raw_spin_lock", "__local_bh_disable_ip"};

// Devices' interrupts come in at stubs of 8 or, with IBT, 16 bytes, of which no other instruction lies on a
// multiple of 8 (IDT_ALIGN).
constexpr std::uint64_t stub_alignment = 8;

ExceptionEntries x86_entries_in(const std::vector<KernelFunction>& functions) {
  ExceptionEntries entries;
  for (const KernelFunction& function : functions) {
    const std::string_view name = function.name;
    if (name == "irq_entries_start" || name == "spurious_entries_start") {
      for (std::uint64_t stub = function.begin; stub < function.end; stub += stub_alignment)
        entries.interrupts.push_back(stub);
    } else if (name.starts_with("asm_sysvec_") || name == "asm_exc_nmi") {
      entries.interrupts.push_back(function.begin);
    } else if (std::ranges::find(with_error_code, name) != with_error_code.end()) {
      entries.with_error_code.push_back(function.begin);
    } else if (name.starts_with("asm_exc_") || name == "asm_int80_emulation") {
      entries.exceptions.push_back(function.begin);
    } else if (name == "entry_SYSCALL_64" || name == "entry_SYSCALL_compat") {
      entries.system_calls.push_back(function.begin);
    }
  }
  return entries;
}

}  // namespace

const ExplainArch& amd64_explained() {
  static const ExplainArch arch = {
      .is_kernel = [](std::uint64_t address) { return address >> 63U != 0; },
      .is_call = &is_x86_call,
      .is_return = &is_x86_return,
      .is_exception_return = &is_x86_exception_return,
      .passes_on = &x86_passes_on,
      .enters_exception = &enters_x86_exception,
      .system_call_handler = "do_syscall_64",
      .system_call_prefix = "__x64_sys_",
      .switch_function = "__switch_to_asm",
      .entries_in = &x86_entries_in,
      .unwind_tables = "orc_entry",
      .saved_by_switch = "thread.sp",
      .preempt_jump = "__SCT__preempt_schedule",
      .jumps_to = &amd64_jumps_to,
      .counting = counts,
  };
  return arch;
}

}  // namespace loopgate
