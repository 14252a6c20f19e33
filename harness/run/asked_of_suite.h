// What the files of a suite and a board ask for, and what became of it: the payload's options and files, the
// CPUs, the schedule. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/board.h"
#include "config/suite.h"
#include "machine/machine.h"
#include "protocol/report.h"
#include "record/outcome.h"
#include "run/asked_for.h"
#include "run/judge_stimuli.h"

namespace loopgate {

// `command` is the payload's as it was started; `document` is evidence.json, with what the payload printed
// and the checks of it.
std::vector<AskedFor> asked_of_payload(const Payload& payload, const std::vector<std::string>& command,
                                       const Report& report, const nlohmann::json& document);

// `outcome` has the turns that its CPUs took.
std::vector<AskedFor> asked_of_board(const Board& board, const Report& report, const Outcome& outcome);

// `outcome` is that of the cell once its stimuli were judged.
std::vector<AskedFor> asked_of_schedule(const PulseSettings& pulses, const StimuliFindings& findings,
                                        const Outcome& outcome);

}  // namespace loopgate
