#include "qemu/plugin/memory_device.h"

#include <dlfcn.h>

#include <utility>

namespace loopgate {
namespace {

// As QEMU lays it out since 3.1 (include/exec/memory.h).
struct RegionFunctions {
  std::uint64_t (*read)(void* opaque, std::uint64_t offset, unsigned size) = nullptr;
  void (*write)(void* opaque, std::uint64_t offset, std::uint64_t value, unsigned size) = nullptr;
  void* with_attributes[2] = {};
  int endianness = 0;
  struct {
    unsigned least = 0;
    unsigned most = 0;
    bool unaligned = false;
    void* accepts = nullptr;
  } valid;
  struct {
    unsigned least = 0;
    unsigned most = 0;
    bool unaligned = false;
  } implemented;
  void* spare[8] = {};
};

constexpr int little_endian = 2;

struct Functions {
  void (*memory_region_init_io)(void* region, void* owner, const RegionFunctions* functions, void* opaque,
                                const char* name, std::uint64_t size);
  void* (*get_system_memory)();
  void (*memory_region_add_subregion)(void* region, std::uint64_t offset, void* part);
};

template <class F>
void look_up(const char* name, F* function, std::vector<std::string>* missing) {
  *function = reinterpret_cast<F>(::dlsym(RTLD_DEFAULT, name));
  if (*function == nullptr) missing->emplace_back(name);
}

Functions find_functions(std::vector<std::string>* missing) {
  Functions found{};
  look_up("memory_region_init_io", &found.memory_region_init_io, missing);
  look_up("get_system_memory", &found.get_system_memory, missing);
  look_up("memory_region_add_subregion", &found.memory_region_add_subregion, missing);
  return found;
}

}  // namespace

std::vector<std::string> MemoryDevice::missing_functions() {
  std::vector<std::string> missing;
  (void)find_functions(&missing);
  return missing;
}

MemoryDevice::MemoryDevice(const char* name, std::uint64_t address, std::uint64_t size, Read read,
                           Write write)
    : read_(std::move(read)), write_(std::move(write)) {
  static const RegionFunctions functions = [] {
    RegionFunctions made;
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
  std::vector<std::string> missing;
  const Functions qemu = find_functions(&missing);
  if (!missing.empty()) return;  // the caller has asked
  qemu.memory_region_init_io(region_, nullptr, &functions, this, name, size);
  qemu.memory_region_add_subregion(qemu.get_system_memory(), address, region_);
}

}  // namespace loopgate
