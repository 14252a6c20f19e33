// What every gate leaves beside what it judged: verdict.json, junit.xml and verdict.md.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// Removes an earlier verdict with record/derived_files.h before this one is computed; here all of its files
// are written, or none is left.
Status write_verdict(const std::filesystem::path& folder, const Verdict& verdict,
                     const Comparison& comparison);

}  // namespace loopgate
