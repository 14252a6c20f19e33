// latmon.json: what a latmon board measured, and what it left open. The format is in
// harness/record/README.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "capture/latmon_session.h"
#include "capture/latmon_summary.h"
#include "capture/measured_board.h"

namespace loopgate {

std::string to_json(const MeasuredBoard& board, const LatmonMeasurement& measurement,
                    const LatmonSummary& summary);

// What a reader of the file could take for known.
std::vector<std::string> latmon_not_known(const LatmonSummary& summary);

struct LatmonFile {
  MeasuredBoard board;
  std::string why_incomplete;
  LatmonData data;
};

// A data error for a file that is missing, altered, damaged, or contradicts itself. Figures are not read but
// computed again.
Result<LatmonFile> read_latmon_file(const std::filesystem::path& path);

// A few lines for a terminal.
std::string to_text(const LatmonMeasurement& measurement, const LatmonSummary& summary);

}  // namespace loopgate
