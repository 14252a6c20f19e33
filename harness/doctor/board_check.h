// Is a board on its bench ready to be measured? What `doctor --board` asks it, and what the answers mean.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "config/board.h"
#include "config/lab.h"
#include "doctor/finding.h"

namespace loopgate {

// For the board's sh: who we are there, which kernel runs, what the boot folder has room for; then a look as
// around each cell.
std::string board_check_script(const Board& board);

// What the script's answer says of rights, kernel, CPUs, kernel slot, clock, governor, temperature and
// throttling; each is unknown when it is not in the answer.
std::vector<DoctorFinding> judge_board(const Board& board, const std::string& answer);

// How the boot method's own check ended, and `loopback check`.
DoctorFinding judge_boot_method(const Board& board, const Result<ProcessResult>& check);
DoctorFinding judge_wires(const Board& board, const Result<ProcessResult>& check);

// Of a board with a jumper for the verdict: how the check of all three ended, and that of the two others
// alone, which was made if the first did not pass. Suites without decisions need no more than those.
DoctorFinding judge_three_wires(const Board& board, const Result<ProcessResult>& all,
                                const Result<ProcessResult>& without_verdict);

// Of a check that found a jumper missing, and passed when it was made again: an edge was lost, or a contact
// is loose. Nothing where it is as it was.
std::optional<DoctorFinding> judge_wires_again(const Result<ProcessResult>& first,
                                               const Result<ProcessResult>& again);

// What lab.toml says of the console, and of power.
DoctorFinding judge_console(const LabBoard& lab);
std::vector<DoctorFinding> judge_power(const Board& board, const LabBoard& lab);

}  // namespace loopgate
