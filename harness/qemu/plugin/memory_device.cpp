#include "qemu/plugin/memory_device.h"

#include <utility>

namespace loopgate {
namespace {

constexpr int little_endian = 2;

}  // namespace

MemoryDevice::MemoryDevice(const QemuMemoryFunctions& qemu, const char* name, std::uint64_t address,
                           std::uint64_t size, Read read, Write write)
    : read_(std::move(read)), write_(std::move(write)) {
  static const QemuRegionFunctions functions = [] {
    QemuRegionFunctions made;
    made.read = [](void* self, std::uint64_t offset, unsigned) -> std::uint64_t {
      return static_cast<MemoryDevice*>(self)->read_(offset);
    };
    made.write = [](void* self, std::uint64_t offset, std::uint64_t value, unsigned) {
      static_cast<MemoryDevice*>(self)->write_(offset, static_cast<std::uint32_t>(value));
    };
    made.endianness = little_endian;
    made.valid.least = made.valid.most = made.implemented.least = made.implemented.most = 4;
    return made;
  }();
  qemu.memory_region_init_io(region_, nullptr, &functions, this, name, size);
  qemu.memory_region_add_subregion(qemu.get_system_memory(), address, region_);
}

SavedMemory::SavedMemory(const QemuMemoryFunctions& qemu, const char* name, std::uint64_t size) {
  qemu.memory_region_init_ram(region_, nullptr, name, size, nullptr);
  data_ = qemu.memory_region_get_ram_ptr(region_);
}

}  // namespace loopgate
