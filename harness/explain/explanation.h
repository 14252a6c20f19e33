// All that `loopgate explain` found of a cell in one call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "explain/distribution.h"
#include "explain/sample/explained_sample.h"
#include "explain/timer_path.h"
#include "run/asked_for.h"

namespace loopgate {

// One explained sample held against another.
struct SampleComparison {
  std::size_t sample = 0;  // in `explained`
  ExplainedSample against;
};

struct Explanation {
  std::string cell;
  std::string samples_sha256;
  std::vector<ExplainedSample> explained;
  std::optional<ExplainedSample> median;
  std::vector<SampleComparison> comparisons;
  std::vector<Band> bands;              // of --phases
  std::optional<ProgramBeside> beside;  // a program that measured by itself in the same cell
  std::vector<AskedFor> asked_for;
  std::string why_asked_not_known;  // empty where evidence.json says what became of what was asked for
};

}  // namespace loopgate
