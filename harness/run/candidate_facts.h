// The audit's facts of a candidate that was booted, on a board or in a guest: whoever asked for them, they
// are read alike.
#pragma once

#include <map>
#include <string>

#include "audit/facts.h"
#include "audit/rules.h"
#include "base/result.h"
#include "config/board.h"
#include "kernel/kernel_files.h"

namespace loopgate {

// `answer`: what the audit's script printed; whatever a login shell said before is no part of it. `kernel`:
// what was booted, whose .config is not installed there. `name` stands in the sentence of a data error.
Result<Facts> candidate_facts(const std::string& answer, const std::string& name, const KernelFiles& kernel);

// What the board's file knows of the rules' parameters: which CPUs are measured. The rules may not ask.
std::map<std::string, std::string> parameters_of(const Board& board, const Rules& rules);

}  // namespace loopgate
