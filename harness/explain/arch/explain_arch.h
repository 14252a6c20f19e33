// What explaining has to know of a guest's architecture: how its instructions call and return, and what its
// kernel calls the places that a trace goes through. One table an architecture, in a file of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

struct ExplainArch {
  bool (*is_kernel)(std::uint64_t address);

  // Of a block's last instruction.
  bool (*is_call)(std::uint32_t opcode);
  bool (*is_return)(std::uint32_t opcode);
  bool (*is_exception_return)(std::uint32_t opcode);
  std::uint64_t instruction_size;

  // Of the exception vectors' table: whether a hard interrupt comes in there.
  bool (*is_interrupt_vector)(std::uint64_t offset);
  // Whether the kernel saves in this function what an exception interrupted, and links it into the frames.
  bool (*enters_exception)(std::string_view function);

  std::string_view system_call_handler;  // what each system call goes through
  std::string_view system_call_prefix;   // of the function that carries one out

  // For KernelLayout: functions, and a member of task_struct.
  const char* switch_function;
  const char* vectors;
  const char* saved_frame_pointer;  // stack pointer and program counter follow it
};

// A usage error that names the architecture where there is no table for it.
Result<const ExplainArch*> explain_arch(const std::string& architecture);

}  // namespace loopgate
