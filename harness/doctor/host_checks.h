// What this machine needs to run the virtual bench.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/board.h"
#include "doctor/finding.h"

namespace loopgate {

// What this board takes of this machine: QEMU and the instrument where it is a virtual one, and the programs
// that run on the target.
std::vector<DoctorFinding> check_host_for(const Board& board);

// All of it. `root` holds ci/; `board` is a virtual one; `unknown_locale` as in ProgramStart.
std::vector<DoctorFinding> check_host(const std::filesystem::path& root, const Board& board,
                                      const std::string& unknown_locale);

}  // namespace loopgate
