// Judges what a probe in the kernel left.
#pragma once

#include <nlohmann/json.hpp>

#include "machine/machine.h"
#include "protocol/report.h"
#include "record/outcome.h"

namespace loopgate {

// That it ran to its end; on the virtual bench its file comes with the report, and is put into the cell's
// folder.
void judge_probe(const CellRequest& request, const Report& report, Outcome* outcome);

// What it found stands in evidence.json as `probe`, and its file in the cell's folder alone.
void move_findings(nlohmann::json* evidence);

}  // namespace loopgate
