// What a part of a load asks for, and what became of it. Pure.
#pragma once

#include <vector>

#include "config/load.h"
#include "protocol/report.h"
#include "run/asked_for.h"

namespace loopgate {

// A part that ran until measuring was over, and what its program's output says.
struct PartSeen {
  const PartReport& report;
  const LoadOutput& output;
  const Result<LoadFindings>& findings;
};

// `seen` is null where the part did not come so far.
std::vector<AskedFor> asked_of_part(const LoadPart& part, const PartSeen* seen);

// Before measuring began, and when it was over.
bool has_processes(const LoadPart& part, const PartReport& seen);

}  // namespace loopgate
