// The processor architectures that kernels and programs are for, and all that differs between them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

enum class Architecture { arm64, amd64 };

struct ArchitectureFacts {
  Architecture architecture;
  const char* name;             // Debian's, which ends its packages' names, too
  const char* machine;          // uname -m
  const char* programs_folder;  // in the build: where the target's programs are made
  const char* build_command;    // that makes them
};

const ArchitectureFacts& facts_of(Architecture architecture);

// "arm64" or "amd64", and back.
const char* name_of(Architecture architecture);
std::optional<Architecture> architecture_named(std::string_view name);

// "arm64 or amd64", for messages.
std::string known_architectures();

// Whose kernel begins with these bytes: for arm64 a raw Image, for amd64 a bzImage. Nothing when it is
// neither; fixtures/kernels/unpack knows arm64's packed forms.
std::optional<Architecture> architecture_of_kernel(std::string_view begin);

}  // namespace loopgate
