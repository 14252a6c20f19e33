// Reads a bundle in one pass. What is refused is named; nothing of it is executed, and nothing is written
// outside of `folder`.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "bundle/manifest.h"

namespace loopgate {

struct UnpackedBundle {
  Manifest manifest;
  std::string sha256;  // of the whole file: what a signature beside it is held against
};

// Into a folder that is there and empty. A data error at the first byte that is not the one that must stand
// there, with the name of the file in the bundle that it belongs to; a usage error where `bundle` cannot be
// opened; an infrastructure error where the folder takes no files. Takes as much room as the bundle, and of
// memory little more than the manifest.
Result<UnpackedBundle> unpack(const std::filesystem::path& bundle, const std::filesystem::path& folder);

}  // namespace loopgate
