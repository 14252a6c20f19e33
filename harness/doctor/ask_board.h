// Asks a board on its bench: is it reachable, wired, and ready to be measured?
#pragma once

#include <cstdint>
#include <vector>

#include "base/notify.h"
#include "base/result.h"
#include "config/board.h"
#include "config/lab.h"
#include "doctor/finding.h"

namespace loopgate {

// `board` as its bench has it. A place of labgrid's is acquired while it is asked; who has it already is told
// at once. On each jumper the board's `check_edges` are sent to count those that are lost. Errors: usage,
// where the place can't be.
Result<std::vector<DoctorFinding>> ask_board(const Board& board, const LabBoard& lab, const Notify& notify);

}  // namespace loopgate
