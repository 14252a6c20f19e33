#include "base/architecture.h"

#include <algorithm>
#include <array>

namespace loopgate {
namespace {

constexpr std::array<ArchitectureFacts, 3> all = {{
    {Architecture::arm64, "arm64", "aarch64", "arm64", "qemu-system-arm", "target", "cmake --build build"},
    {Architecture::amd64, "amd64", "x86_64", "amd64", "qemu-system-x86", "target-amd64",
     "cmake --build build --target target-amd64"},
    {Architecture::armhf, "armhf", "armv7l", "armmp", "qemu-system-arm", "target-armhf",
     "cmake --build build --target target-armhf"},
}};

struct KernelMagic {
  Architecture architecture;
  std::size_t header_size;  // a shorter file is not a kernel
  std::size_t offset;
  std::string_view bytes;
};

constexpr std::array<KernelMagic, 3> magics = {{
    {Architecture::arm64, 64, 56, "ARM\x64"},           // Documentation/arch/arm64/booting.rst
    {Architecture::amd64, 0x206, 0x202, "HdrS"},        // Documentation/arch/x86/boot.rst
    {Architecture::armhf, 48, 36, "\x18\x28\x6f\x01"},  // arch/arm/boot/compressed/head.S
}};

}  // namespace

const ArchitectureFacts& facts_of(Architecture architecture) {
  return *std::ranges::find(all, architecture, &ArchitectureFacts::architecture);
}

const char* name_of(Architecture architecture) { return facts_of(architecture).name; }

std::optional<Architecture> architecture_named(std::string_view name) {
  for (const ArchitectureFacts& facts : all)
    if (facts.name == name) return facts.architecture;
  return std::nullopt;
}

std::optional<Architecture> architecture_of_package(std::string_view package) {
  if (package.ends_with(lpae_flavour)) return Architecture::armhf;
  const std::string_view flavour = package.substr(package.rfind('-') + 1);
  for (const ArchitectureFacts& facts : all)
    if (facts.kernel_flavour == flavour) return facts.architecture;
  return std::nullopt;
}

std::string known_architectures() {
  std::string names;
  for (const ArchitectureFacts& facts : all) names += (names.empty() ? "" : ", ") + std::string(facts.name);
  return names.replace(names.rfind(", "), 2, " or ");
}

std::optional<Architecture> architecture_of_kernel(std::string_view begin) {
  for (const KernelMagic& magic : magics) {
    if (begin.size() >= magic.header_size && begin.substr(magic.offset, magic.bytes.size()) == magic.bytes)
      return magic.architecture;
  }
  return std::nullopt;
}

}  // namespace loopgate
