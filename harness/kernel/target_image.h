// What the target runs: an initramfs of Debian's programs, then ours.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/architecture.h"
#include "base/notify.h"
#include "base/result.h"

namespace loopgate {

struct InstalledPackage {
  std::string package;
  std::string version;
  std::string deb_sha256 = {};
};

struct TargetImage {
  std::filesystem::path initrd;  // all parts in one file
  std::string initrd_sha256;
  std::filesystem::path base;  // Debian's part by itself, for a board whose system is its own
  std::string base_sha256;
  std::filesystem::path programs;  // ours: agent, payloads, load programs
  std::string programs_sha256;
  std::vector<InstalledPackage> packages;  // of the base
};

// A base image that is to be had again: its digest, and the packages that it was made of.
struct PinnedBase {
  std::string sha256;
  std::vector<InstalledPackage> packages;
};

// `root` holds fixtures/, whose script makes Debian's part, and `programs` is the archive of ours, which the
// build makes. Kept in the cache. Without `pinned` the base is the cache's, or of the newest packages.
Result<TargetImage> make_target_image(const std::filesystem::path& root,
                                      const std::filesystem::path& programs, Architecture architecture,
                                      const Notify& notify, const PinnedBase* pinned = nullptr);

// The same with one more archive behind it: a machine without network or disk gets its modules so.
Result<TargetImage> with_modules(const TargetImage& target, const std::filesystem::path& modules,
                                 const Notify& notify);

}  // namespace loopgate
