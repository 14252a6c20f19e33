// The recorded sections as files: sections.json, sections.csv, and sections.folded for flame graphs.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "analysis/sections.h"

namespace loopgate {

nlohmann::ordered_json to_json(const std::vector<CellSections>& cells);

// A row for each cell, kind, and pair of functions that opened and closed windows.
std::string to_csv(const std::vector<CellSections>& cells);

// A line for each of these: "CELL;KIND;OPENED;CLOSED NS", as flamegraph.pl, inferno and speedscope read it.
std::string to_folded(const std::vector<CellSections>& cells);

// The three files, in the run's folder. Gives their paths.
Result<std::vector<std::filesystem::path>> write_sections(const std::filesystem::path& run_folder,
                                                          const std::vector<CellSections>& cells);

}  // namespace loopgate
