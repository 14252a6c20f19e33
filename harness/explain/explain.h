// Explains samples of a measured cell: fetches the guest's symbols, has the run made again and traced, and
// attributes every nanosecond.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "explain/arch/explain_arch.h"
#include "explain/distribution.h"
#include "explain/sample/explained_sample.h"
#include "explain/sample/moments.h"
#include "machine/machine.h"
#include "record/hunt_file.h"
#include "run/replay.h"

namespace loopgate {

// What it takes to explain a cell.
struct ExplainBench {
  Replay* replay = nullptr;
  const ExplainArch* arch = nullptr;            // of its board
  std::vector<std::filesystem::path> programs;  // ELF files that the guest runs, by their names
  ProgressListener on_progress;
};

struct ExplainedSamples {
  std::vector<ExplainedSample> samples;  // in the order asked for
  ExplainedSample median;                // the cell's
};

// Each with its diagnosis, which compares it with the median. An infrastructure error where the run did not
// repeat.
Result<ExplainedSamples> explain_samples(const ExplainBench& bench,
                                         const std::vector<std::uint32_t>& samples);

// A hunted stimulus, held against the median sample of the cell as it was measured.
Result<ExplainedSamples> explain_hunted(const ExplainBench& bench, const HuntedStimulus& stimulus);

// Every counted, answered sample's phases.
Result<std::vector<PhasesOfSample>> phases_of_all(const ExplainBench& bench);

// And when each began. `hunted`: of the run up to this stimulus of a hunt.
Result<std::vector<SampleMoments>> moments_of_all(const ExplainBench& bench,
                                                  const HuntedStimulus* hunted = nullptr);

}  // namespace loopgate
