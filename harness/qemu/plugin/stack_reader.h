// The call chain of a task of the guest, read from its stack: how differs by architecture.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "qemu/plugin/arch/arch_ops.h"
#include "qemu/plugin/guest_kernel.h"
#include "qemu/plugin/guest_registers.h"
#include "qemu/plugin/probe.h"

namespace loopgate {

class StackReader {
 public:
  virtual ~StackReader() = default;

  // Words of TraceKind::stack: what runs as the block begins, or what the exception interrupted that begins
  // with it; and the task that was switched to.
  virtual std::vector<std::uint64_t> running(const TracedBlock& block, GuestRegisters* registers) = 0;
  virtual std::vector<std::uint64_t> switched_to(std::uint64_t task) = 0;

  // Where what runs now returns to, and its callers on; innermost first. `address` is that of its next
  // instruction.
  virtual std::vector<std::uint64_t> callers(std::uint64_t address, GuestRegisters* registers,
                                             std::size_t at_most = 64) = 0;
  // The first of them, as far as the architecture shows it at once.
  virtual std::uint64_t caller(std::uint64_t address, GuestRegisters* registers) = 0;
  // A digest of three of them.
  std::uint64_t digest_of_callers(std::uint64_t address, GuestRegisters* registers);

  // Where the exception or system call returns to that begins with the block.
  virtual std::uint64_t interrupted(const TracedBlock& block, GuestRegisters* registers) = 0;

  // The number of the system call that the task returns from to user space, if it does.
  virtual std::uint64_t returned_call(std::uint64_t task, GuestRegisters* registers) = 0;
};

// By frame pointers, or by the kernel's unwind tables where `layout` says where its code is.
std::unique_ptr<StackReader> stack_reader(const ArchOps& ops, const KernelLayout& layout,
                                          GuestKernel* kernel);

}  // namespace loopgate
