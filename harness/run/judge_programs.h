// Judges what the programs of a cell left that measure by themselves, in place of a payload or beside one:
// each by its adapter.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "config/board.h"
#include "config/suite.h"
#include "machine/machine.h"
#include "protocol/report.h"
#include "record/outcome.h"
#include "run/asked_for.h"

namespace loopgate {

// What came of one program. `seen`: null where the agent's report has nothing of it. With
// `ns_per_instruction`, a figure that is a path's time is its length in instructions, too.
ProgramResult judge_program(const SuiteProgram& program, const ProgramReport* seen,
                            std::optional<std::int64_t> ns_per_instruction = {});

// Writes programs.json and what each program left, and notes the digest. A program that fails makes no cell
// INVALID: that is the gate's to judge.
void judge_programs(const std::vector<SuiteProgram>& programs, const CellRequest& request,
                    const Report& report, const Board& board, Outcome* outcome);

// The options of each program's command, and what its output says of them.
std::vector<AskedFor> asked_of_programs(const std::vector<SuiteProgram>& programs, const Report& report);

// What stands in files of its own is left out of evidence.json.
void leave_out_what_programs_left(nlohmann::json* report);

}  // namespace loopgate
