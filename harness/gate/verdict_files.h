// What every gate leaves beside what it judged: verdict.json, junit.xml and verdict.md; and elsewhere, what
// else was asked for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

struct FileText {
  std::filesystem::path path;
  std::string text;
};

// Remove an earlier verdict with record/derived_files.h before this one is computed; here all of its files
// and `exports` are written, or none is left. Of exports only regular files go: a device stays.
Status write_verdict(const std::filesystem::path& folder, const Verdict& verdict,
                     const Comparison& comparison, std::vector<FileText> exports = {});

}  // namespace loopgate
