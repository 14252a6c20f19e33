// manifest.json, the first file of a bundle: what else is in it, each with size and SHA-256, and a digest of
// itself. Its bytes have one form, so that no byte of it can change unseen. It is no signature: whoever can
// write a bundle can seal another.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

inline constexpr int bundle_format = 1;
inline constexpr const char* manifest_name = "manifest.json";
// Of some 100,000 files; what claims to be larger is none.
inline constexpr std::uint64_t largest_manifest = 32 << 20;

struct BundledFile {
  std::uint64_t size = 0;
  std::string sha256;
};

struct Manifest {
  std::string loopgate;                      // the version that packed it
  std::string commit;                        // that it was built from; empty where that is not known
  std::map<std::string, BundledFile> files;  // by path, in the bundle's order; without the manifest
};

// A path that stays where it is unpacked: relative, without "." and "..", of printable ASCII but no
// backslash.
bool is_safe_path(std::string_view path);

std::string to_text(const Manifest& manifest);

// A data error that says what is wrong: altered, of a newer format, not in its one form, a path that leads
// elsewhere, a size that no tar file has.
Result<Manifest> parse_manifest(std::string_view text);

// How many bytes a bundle with this manifest, of so many bytes, has.
std::uint64_t size_of_bundle(const Manifest& manifest, std::uint64_t manifest_size);

}  // namespace loopgate
