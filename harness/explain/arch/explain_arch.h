// What explaining has to know of a guest's architecture: how its instructions call and return, and what its
// kernel calls the places that a trace goes through. One table an architecture, in a file of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/trace_settings.h"

namespace loopgate {

struct KernelFunction {
  std::string_view name;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // where the next one begins
};

struct ExplainArch {
  bool (*is_kernel)(std::uint64_t address);

  // Of a block's last instruction.
  bool (*is_call)(std::uint32_t opcode);
  bool (*is_return)(std::uint32_t opcode);
  bool (*is_exception_return)(std::uint32_t opcode);
  // Whether code goes through this function of the kernel's to where it was bound for, and what it calls
  // never returns to it; nothing where there are none.
  bool (*passes_on)(std::string_view function) = nullptr;
  // Whether the kernel saves in this function what an exception interrupted, and links it into the frames.
  bool (*enters_exception)(std::string_view function);

  std::string_view system_call_handler;  // what each system call goes through
  std::string_view system_call_prefix;   // of the function that carries one out

  // For KernelLayout: functions, a structure, and a member of task_struct.
  const char* switch_function;
  const char* vectors = nullptr;  // the exception vectors' table; where there is none, its entries:
  ExceptionEntries (*entries_in)(const std::vector<KernelFunction>& functions) = nullptr;
  const char* unwind_tables =
      nullptr;                  // what the tables are made of that tell of frames; else frame pointers
  const char* saved_by_switch;  // what the switching function keeps of the task that leaves

  // A kernel that chooses as it boots whether it preempts its own code: the jump that leads to the scheduler
  // if it does, and where one leads whose first bytes are known. Nothing where no kernel has it.
  const char* preempt_jump = nullptr;
  std::uint64_t (*jumps_to)(std::uint64_t address, std::uint64_t code) = nullptr;

  // Where each CPU has a preempt count, and not each task: functions that begin by adding to it.
  std::span<const std::string_view> counting = {};
};

// A usage error that names the architecture where there is no table for it.
Result<const ExplainArch*> explain_arch(const std::string& architecture);

}  // namespace loopgate
