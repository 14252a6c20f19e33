// The processor architectures that kernels and programs are for, and all that differs between them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

enum class Architecture { arm64, amd64, armhf };

struct ArchitectureFacts {
  Architecture architecture;
  const char* name;             // Debian's
  const char* machine;          // uname -m
  const char* kernel_flavour;   // which ends the names of Debian's kernel packages
  const char* qemu_package;     // Debian's, of the emulator
  const char* programs_folder;  // in the build: where the target's programs are made
  const char* build_command;    // that makes them
};

const ArchitectureFacts& facts_of(Architecture architecture);

// "arm64", and back.
const char* name_of(Architecture architecture);
std::optional<Architecture> architecture_named(std::string_view name);

// Of a kernel for armhf with wide page tables, in the name of its package: qemu-virt-armhf cannot run it.
inline constexpr std::string_view lpae_flavour = "-armmp-lpae";

// Whose flavour ends the name of a kernel package of Debian's.
std::optional<Architecture> architecture_of_package(std::string_view package);

// "arm64, amd64 or armhf", for messages.
std::string known_architectures();

// Whose kernel begins with these bytes: for arm64 a raw Image, for amd64 a bzImage, for armhf a zImage.
// Nothing when it is none; fixtures/kernels/unpack knows arm64's packed forms.
std::optional<Architecture> architecture_of_kernel(std::string_view begin);

}  // namespace loopgate
