// Registers of ours in the guest's physical memory, in words of 32 bits, and what they remember.
#pragma once

#include <cstdint>
#include <functional>

#include "qemu/plugin/qemu_functions.h"

namespace loopgate {

class MemoryDevice {
 public:
  using Read = std::function<std::uint32_t(std::uint64_t offset)>;
  using Write = std::function<void(std::uint64_t offset, std::uint32_t value)>;

  // Of a machine that exists, under QEMU's big lock, which is held while `read` and `write` are called, too.
  // QEMU keeps its address until the end.
  MemoryDevice(const QemuMemoryFunctions& qemu, const char* name, std::uint64_t address, std::uint64_t size,
               Read read, Write write);
  MemoryDevice(const MemoryDevice&) = delete;
  MemoryDevice& operator=(const MemoryDevice&) = delete;

 private:
  Read read_;
  Write write_;
  // A MemoryRegion is 272 bytes in QEMU 10; room to spare for a later one.
  alignas(16) unsigned char region_[2048] = {};
};

// Memory that no guest sees and that QEMU saves and restores with the machine, as it does each RAM: so what a
// device of ours remembers is part of the saved state. One of each name; it stays until QEMU ends.
class SavedMemory {
 public:
  // `size`: whole pages.
  SavedMemory(const QemuMemoryFunctions& qemu, const char* name, std::uint64_t size);
  SavedMemory(const SavedMemory&) = delete;
  SavedMemory& operator=(const SavedMemory&) = delete;

  void* data() const { return data_; }

 private:
  alignas(16) unsigned char region_[2048] = {};
  void* data_;
};

}  // namespace loopgate
