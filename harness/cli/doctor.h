// What `doctor` finds, on this machine or on a board.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "doctor/board_check.h"

namespace loopgate {

// A line for each; gives the exit status.
int tell_findings(const std::vector<Finding>& findings);

// Asks a board that is reached over SSH, and tells what it finds. Errors: usage, when the board or its bench
// can't be read.
Result<int> doctor_of_board(const std::string& board, const std::filesystem::path& lab);

}  // namespace loopgate
