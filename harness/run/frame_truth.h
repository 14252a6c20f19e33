// What is known of what the frames of a suite with decisions show.
#pragma once

#include <optional>
#include <string>

#include "config/suite.h"
#include "record/run_record.h"
#include "run/plan.h"

namespace loopgate {

// Nothing where the frames are the synthetic camera's, which knows it of all.
std::optional<FrameTruth> truth_of(const DecisionWork& work);

// "frames: 300 pictures: 140 OK, 140 NG, 20 that nobody knows; each cell shows 105 of them\n", and nothing
// where the frames are the synthetic camera's.
std::string frames_text(const Plan& plan);

}  // namespace loopgate
