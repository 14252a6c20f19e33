// What `loopgate hunt` does: makes measured cells' runs again with stimuli sent where they hurt most.
#pragma once

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
};

// `version` is loopgate's own. Progress is shown on stderr. An infrastructure error where a run did not
// repeat.
Result<std::vector<HuntedCell>> hunt_cells(const HuntRequest& request, const LoopgateVersion& version,
                                           const Notify& notify);

// hunt.json; and in worst-case.json, where `bound` has left one of the same samples, what was hunted. Gives
// the path of the former.
Result<std::filesystem::path> write_hunt(const std::filesystem::path& run_folder,
                                         const std::vector<HuntedCell>& cells);

}  // namespace loopgate
