// What `loopgate explain --program` does: has a cell's programs run again, counts the instructions between
// the marks of one of them, and compares with another kernel.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

#include "base/notify.h"
#include "base/result.h"
#include "explain/path_lengths.h"
#include "record/run_record.h"

namespace loopgate {

struct PathRequest {
  std::filesystem::path run = {};  // the run's folder
  std::string program = {};        // by its name in the suite
  std::string cell = {};           // empty: with_path_cells() chooses it
  std::string kernel = {};   // of which the first cell is meant; may be empty where the run has one kernel
  std::string load = {};     // empty: the run's first
  std::string against = {};  // another kernel, or cell; may be empty
  // Once it is true, the work ends with an infrastructure error.
  const std::atomic<bool>* stop = nullptr;
};

struct PathExplanation {
  std::string program;
  PathLength here = {};
  std::string programs_sha256 = {};  // of the cell's programs.json, which the explaining run left again
  std::optional<PathLength> against = {};
  std::string against_programs_sha256 = {};
};

// `version` is loopgate's own. `notify` gets a line now and then; progress is shown on stderr. A usage error
// where the run has no such program, the program has no marks, or its cell is INVALID.
Result<PathExplanation> explain_paths(const PathRequest& request, const LoopgateVersion& version,
                                      const Notify& notify);

// Before the cells are looked at: takes this path back out of the run's paths.json, so that an earlier answer
// does not stand for one that failed. `request` names its cells (choose_path_cells.h).
Status withdraw_path(const PathRequest& request);

// Adds it to the run's paths.json, and gives that file's path.
Result<std::filesystem::path> write_path(const std::filesystem::path& run_folder,
                                         const PathExplanation& explanation);

}  // namespace loopgate
