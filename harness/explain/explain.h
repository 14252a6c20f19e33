// Explains samples of a measured cell: fetches the guest's symbols, has the run made again and traced, and
// attributes every nanosecond.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "explain/diagnosis.h"
#include "explain/distribution.h"
#include "explain/explained_sample.h"
#include "explain/measured_cell.h"
#include "explain/symbols.h"
#include "machine/machine.h"

namespace loopgate {

// What it takes to make a cell's run again.
struct ExplainBench {
  Machine* machine = nullptr;
  const ExplainArch* arch = nullptr;
  CellRequest order;                            // its folder is a scratch folder
  std::vector<std::filesystem::path> programs;  // ELF files that the guest runs, by their names
  ProgressListener observe;
};

struct ExplainedSamples {
  std::vector<ExplainedSample> samples;  // in the order asked for
  ExplainedSample median;                // the cell's
};

// Each with its diagnosis, which compares it with the median. An infrastructure error where the run did not
// repeat.
Result<ExplainedSamples> explain_samples(const ExplainBench& bench, const MeasuredCell& cell,
                                         const std::vector<std::uint32_t>& samples);

// Every counted, answered sample's phases.
Result<std::vector<PhasesOfSample>> phases_of_all(const ExplainBench& bench, const MeasuredCell& cell);

}  // namespace loopgate
