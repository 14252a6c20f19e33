// What `loopgate hunt` does: makes measured cells' runs again with stimuli sent where they hurt most.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/notify.h"
#include "base/result.h"
#include "record/hunt_file.h"
#include "record/run_record.h"

namespace loopgate {

struct HuntRequest {
  std::filesystem::path run = {};
  // Those that are named; empty: each. Of a kernel under a load the first replicate's run is hunted in.
  std::vector<std::string> kernels = {};
  std::vector<std::string> loads = {};
  std::vector<std::string> cells = {};  // instead of both
  // Host seconds for each cell; nothing: what its random stimuli took, of all replicates.
  std::optional<double> budget_s = {};
  bool repeat_failures = false;  // instead: makes the runs again in which the kernel failed
  int jobs = 1;                  // cells at a time; their budgets are of host time that they share
  // Once it is true, the work ends with an infrastructure error.
  const std::atomic<bool>* stop = nullptr;
};

// `version` is loopgate's own. Progress is shown on stderr. Each cell is written when it is hunted:
// hunt.json, where what earlier hunts found in the same measurement stays. Gives the cells that were hunted,
// with what earlier hunts found in them. An infrastructure error where a run did not repeat or was not what
// it was meant to be, a kernel error where the kernel failed outside of the hunted runs.
Result<std::vector<HuntedCell>> hunt_cells(const HuntRequest& request, const LoopgateVersion& version,
                                           const Notify& notify);

}  // namespace loopgate
