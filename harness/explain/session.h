// What `loopgate explain` does: chooses samples of a measured cell, has its run made again and traced, and
// compares.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/notify.h"
#include "base/result.h"
#include "explain/explanation.h"
#include "record/run_record.h"

namespace loopgate {

struct ExplainRequest {
  std::filesystem::path run;  // the run's folder
  std::string cell;           // empty: with_cells() chooses it
  std::string kernel;         // of which the worst cell is meant; empty: any
  std::string load;
  int worst = 0;                       // the samples of highest latency
  std::vector<std::uint32_t> samples;  // by their index in the schedule
  std::string against;  // another cell of the run, or kernel, whose same samples are compared; may be empty
  bool phases = false;  // the phases of every sample
  int hunted = 0;       // instead of samples: of hunt.json's worst stimuli of the cell, from 1; 0: none
  // Once it is true, the work ends with an infrastructure error.
  const std::atomic<bool>* stop = nullptr;
};

// `version` is loopgate's own. `notify` gets a line now and then; progress is shown on stderr.
Result<Explanation> explain(const ExplainRequest& request, const LoopgateVersion& version,
                            const Notify& notify);

// The stimulus of hunt.json that `hunted` means, with its cell. A usage error where nobody hunted in what is
// named, or in more than one cell of it.
Result<ExplainRequest> with_hunted_cell(ExplainRequest request);
Result<Explanation> explain_hunted_stimulus(const ExplainRequest& request, const LoopgateVersion& version,
                                            const Notify& notify);
// Its three files for other tools.
Result<std::vector<std::filesystem::path>> write_hunted(const std::filesystem::path& cell_folder, int hunted,
                                                        const Explanation& explanation);

// Before the cell is looked at: takes back of its explain.json what is asked for again, and the files of the
// samples that are named, so that no earlier explanation stands for one that failed.
Status withdraw_explanation(const ExplainRequest& request);

// explain.json, and three files of each explained sample for other tools. Gives the paths of the latter.
Result<std::vector<std::filesystem::path>> write_explanation(const std::filesystem::path& cell_folder,
                                                             const Explanation& explanation);

}  // namespace loopgate
