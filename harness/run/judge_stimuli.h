// Judges what the instrument and the payload saw of a cell's stimuli.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/time_base.h"
#include "machine/machine.h"
#include "record/outcome.h"
#include "stats/cell_result.h"

namespace loopgate {

struct StimuliFindings {
  std::optional<CellFigures> figures = {};  // nothing when they can't be believed
  // Whether each stimulus fell due when it was asked to; nothing where that was not compared.
  std::optional<bool> schedule_kept = {};
};

// What a cell left.
struct StimuliSeen {
  std::string cell;
  std::filesystem::path folder;  // with the cell's raw files
  TimeBase time_base = TimeBase::virtual_time;
  PulseCounts counts;      // the machine's, at the end
  nlohmann::json payload;  // what it printed at its end; null where that is no JSON
  nlohmann::json wire;     // what the check of the bare wire printed; null where there was none
  bool drawn = true;       // the stimuli's times are those of the seed; else a hunt's, which are not compared
};

// Reads each of the cell's raw files once. The payload's own times must fit what the instrument saw, or one
// of the two is wrong. An answer that is missing is the kernel's fault if the payload never heard of its
// stimulus, and the payload's if it did.
StimuliFindings judge_stimuli(const ResponseRequest& work, const StimuliSeen& seen, Outcome* outcome);
StimuliFindings judge_stimuli(const DecisionRequest& work, const StimuliSeen& seen, Outcome* outcome);

// The instrument ends when the last stimulus is given up, and the payload may have answered it after that:
// of the last ones without an answer, no answer counts as one that never came to the instrument.
void leave_out_answers_after_the_end(const std::vector<Sample>& samples, Outcome* outcome);

// An edge that a board lost shifts the frames of all later decisions: those say nothing of the kernel.
void judge_shifted_decisions(TimeBase time_base, const DecisionCounts& decisions, Outcome* outcome);

}  // namespace loopgate
