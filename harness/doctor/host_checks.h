// What this machine needs to run the virtual bench.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/board.h"
#include "doctor/finding.h"

namespace loopgate {

// `root` holds ci/; `board` is a virtual one; `unknown_locale` as in ProgramStart.
std::vector<DoctorFinding> check_host(const std::filesystem::path& root, const Board& board,
                                      const std::string& unknown_locale);

}  // namespace loopgate
