// Two runs of one cell on virtual time, which must come to the same: on one machine, or on two.
#pragma once

#include <filesystem>
#include <string>

#include "record/outcome.h"

namespace loopgate {

// A cell that was measured, and the folder that its files are in.
struct MeasuredOnce {
  const Outcome& outcome;
  std::filesystem::path folder;
};

// "unequal samples: sample 4: response_ns is 5030000 in one and 5030007 in the other"; empty for equal ones.
std::string unequal_text(const MeasuredOnce& one, const MeasuredOnce& other);

}  // namespace loopgate
