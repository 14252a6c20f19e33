// What a candidate boots from, and where it came from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernel/target_image.h"

namespace loopgate {

// Both empty for an image of the user's own.
struct KernelProvenance {
  std::string package;
  std::string version;
};

// What a kernel was built of; all empty where it came as an image.
struct KernelBuild {
  std::string tree_sha256;
  std::string config_sha256;
  std::vector<std::string> toolchain;
  std::vector<std::string> unknown_options;  // of the fragments, that the sources do not have: NAME=VALUE
};

// A check of a .config option: its row in evidence.json.
struct ConfigCheck {
  std::string name;
  std::string expected;
  std::string seen;
  bool passed = false;
};

struct KernelFiles {
  std::filesystem::path image;
  std::string image_sha256;      // of what is booted
  std::string image_form;        // such as "EFI zboot, zstd": what it was unpacked from; empty: nothing
  std::filesystem::path config;  // its .config; empty when unknown
  // Of a kernel that was built here: its functions, and the layout of its structures (BTF); else empty.
  std::filesystem::path vmlinux;
  std::filesystem::path types;
  std::filesystem::path modules;  // an archive of those to load; empty: none
  std::string release;            // uname -r; empty when unknown
  KernelProvenance provenance;
  KernelBuild build;
  bool is_built = true;               // else `image` is where it will be, and what follows from it is empty
  std::optional<TargetImage> target;  // a virtual board's, with the modules; nothing: the run's
  std::filesystem::path initramfs;    // an SSH board's: mounts the board's own system
  std::vector<ConfigCheck> config_checks;
  std::string failed_check;  // one sentence on the first that does not hold: the kernel's cells are INVALID
};

}  // namespace loopgate
