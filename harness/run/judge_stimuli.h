// Judges what the instrument and the payload saw of a cell's stimuli.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "base/time_base.h"
#include "machine/machine.h"
#include "record/outcome.h"
#include "stats/cell_result.h"

namespace loopgate {

// A stimulus without an answer is the kernel's fault if the payload never heard of it, and the payload's if
// it did. `payload` is what it printed at its end; `frames` is how many events make one answer.
void judge_answers(const PulseCounts& counts, const nlohmann::json& payload, std::uint64_t frames,
                   Outcome* outcome);

// Reads each of the cell's raw files once. The payload's own times must fit what the instrument saw, or one
// of the two is wrong. Nothing when they can't be believed.
std::optional<CellFigures> judge_files(const CellRequest& request, TimeBase time_base, Outcome* outcome);

}  // namespace loopgate
