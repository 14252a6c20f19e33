// RUN/health: the cells of a board's own, known-good kernel, measured before and after the candidates. Was
// the bench sound, or may it have caused what a kernel is blamed for?
#pragma once

#include <filesystem>
#include <string>

#include "record/run_record.h"

namespace loopgate {

// `check` is "before" or "after".
std::filesystem::path health_folder(const std::filesystem::path& run_folder, const std::string& check);

// Its cell: of the board's own kernel, `known-good`, under the load `idle`. No cell of run.json.
DescribedCell health_cell(const RunRecord& run, const std::string& check);

// Whether that check was made of this run, and the known-good kernel measured.
bool found_sound(const std::filesystem::path& run_folder, const RunRecord& run, const std::string& check);

// Whether a kernel of this run can be blamed at all: on a board only when the check after the candidates
// found the bench sound. The virtual bench needs no check.
bool is_bench_trusted(const std::filesystem::path& run_folder, const RunRecord& run);

}  // namespace loopgate
