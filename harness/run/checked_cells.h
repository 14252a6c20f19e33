// The cells of a run that two of its shards have measured, and whether both came to the same.
#pragma once

#include <string>
#include <vector>

#include "run/merge_parts.h"

namespace loopgate {

struct CheckedCell {
  std::string cell;
  const RunPart* first;
  const RunPart* second;
  bool compared;        // else one of the two could not measure it, and stands for it: it is INVALID
  std::string unequal;  // a sentence; empty where what they measured is equal to the byte
};

std::vector<CheckedCell> compare_checked(const std::vector<RunPart>& parts);

}  // namespace loopgate
