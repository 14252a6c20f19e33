// Reads the kernel's own data structures out of the guest's memory.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "protocol/trace_file.h"
#include "protocol/trace_settings.h"
#include "qemu/plugin/guest_registers.h"

namespace loopgate {

class GuestKernel {
 public:
  explicit GuestKernel(const KernelLayout& layout) : layout_(layout), bytes_(g_byte_array_new()) {}

  // A struct task_struct; and of one its priority alone.
  TraceTask task(std::uint64_t address);
  std::int32_t priority(std::uint64_t task) { return read_value<std::int32_t>(task + layout_.task_priority); }

  // The return addresses from a frame on, innermost first.
  std::vector<std::uint64_t> frames(std::uint64_t frame_pointer, std::size_t at_most = 64);

  // Where a task that is off the CPU goes on, and its frames: words of TraceKind::stack.
  std::vector<std::uint64_t> saved_stack(std::uint64_t task);

  // A struct irq_desc's number, and its first handler's name: words of TraceKind::interrupt.
  std::array<std::uint64_t, 5> interrupt(std::uint64_t descriptor);

  // A word of 32 bits at an address; 0 where it can't be read.
  std::uint32_t word(std::uint64_t address) { return read_value<std::uint32_t>(address); }

  // The same of 64 bits.
  std::uint64_t number(std::uint64_t address) { return read_value<std::uint64_t>(address); }

  // False where the memory is not mapped.
  bool read(std::uint64_t address, void* out, std::size_t size);

 private:
  template <class Value>
  Value read_value(std::uint64_t address) {
    Value value{};
    read(address, &value, sizeof(value));
    return value;
  }

  const KernelLayout layout_;
  GuestBytes bytes_;
};

}  // namespace loopgate
