// The registers of one of the guest's CPUs, by what tracing needs them for.
#pragma once

#include <memory>
#include <vector>

#include "qemu/plugin/arch/arch_ops.h"
#include "qemu/plugin/qemu_plugin.h"

namespace loopgate {

struct FreeBytes {
  void operator()(GByteArray* bytes) const { g_byte_array_free(bytes, 1); }
};
using GuestBytes = std::unique_ptr<GByteArray, FreeBytes>;

class GuestRegisters {
 public:
  explicit GuestRegisters(const ArchOps& ops) : ops_(ops), bytes_(g_byte_array_new()) {}

  // Called in a callback of this CPU, before any of the others. False where QEMU does not have all of them.
  bool find();

  // One that the architecture does not have is 0.
  std::uint64_t argument(std::size_t number) { return value(arguments_[number]); }
  std::uint64_t result() { return value(result_); }
  std::uint64_t frame_pointer() { return value(frame_pointer_); }
  std::uint64_t stack_pointer() { return value(stack_pointer_); }
  std::uint64_t link_register() { return value(link_register_); }
  std::uint64_t system_call_number() { return value(system_call_number_); }
  std::uint64_t interrupted_address() { return value(interrupted_address_); }
  std::uint64_t system_call_address() { return value(system_call_address_); }
  std::uint64_t program_counter() { return value(program_counter_); }
  std::uint64_t program_status() { return value(program_status_); }
  std::uint64_t kernel_task() { return value(kernel_task_); }
  std::uint64_t per_cpu() { return value(per_cpu_); }

 private:
  std::uint64_t value(qemu_plugin_register* handle);

  const ArchOps& ops_;
  GuestBytes bytes_;
  bool looked_ = false;
  bool complete_ = false;
  std::vector<qemu_plugin_register*> arguments_;
  qemu_plugin_register* result_ = nullptr;
  qemu_plugin_register* stack_pointer_ = nullptr;
  qemu_plugin_register* system_call_address_ = nullptr;
  qemu_plugin_register* frame_pointer_ = nullptr;
  qemu_plugin_register* link_register_ = nullptr;
  qemu_plugin_register* system_call_number_ = nullptr;
  qemu_plugin_register* interrupted_address_ = nullptr;
  qemu_plugin_register* program_counter_ = nullptr;
  qemu_plugin_register* program_status_ = nullptr;
  qemu_plugin_register* kernel_task_ = nullptr;
  qemu_plugin_register* per_cpu_ = nullptr;
};

}  // namespace loopgate
