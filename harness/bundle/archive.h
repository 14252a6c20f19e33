// Files gathered under the names that they have in a bundle, and written as one.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"
#include "record/run_record.h"

namespace loopgate {

// A file on disk; where it is empty, the text.
struct BundleSource {
  std::filesystem::path file;
  std::string text;
};
using BundleSources = std::map<std::string, BundleSource>;  // by path in the bundle

// Whether a file of a run, by its path inside, is computed from the others: whoever unpacks them computes it
// again, and no bundle has it, where it could say something else.
bool is_derived(const std::filesystem::path& inside);

// The run's files, under `as`, without what is derived. A usage error where it holds what a bundle has no
// place for: a link, a name with a space.
Status add_run(const std::filesystem::path& run_dir, const std::string& as, BundleSources* sources);

// The manifest and all sources, synced and renamed: a kill or a full disk leaves no bundle that is not whole.
Status write_bundle(const BundleSources& sources, const LoopgateVersion& loopgate,
                    const std::filesystem::path& path);

}  // namespace loopgate
