// What every gate leaves beside what it judged: verdict.json, junit.xml and verdict.md.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// Before a gate begins: an earlier verdict must not outlive a gate that comes to none.
void remove_verdict(const std::filesystem::path& folder);

Status write_verdict(const std::filesystem::path& folder, const Verdict& verdict,
                     const Comparison& comparison);

}  // namespace loopgate
