// The shards of a run, each from the folder that it was measured into, and whether they are all of one run.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/outcome.h"
#include "record/run_record.h"

namespace loopgate {

struct RunPart {
  std::filesystem::path folder;
  RunRecord run;  // the whole's: without its shard
  Shard shard;
  std::map<std::string, Outcome> outcomes;  // of its cells, by their names

  std::filesystem::path folder_of(const std::string& cell) const { return folder / "cells" / cell; }
  std::string text() const;  // "shard 2 of 8 (runs/part-2)"
};

// All shards of a run, in their order. Usage errors: a folder that holds no shard, shards of unequal plans,
// tools, kernels or known commits (the first difference is named), a shard that is there twice or not at all
// (with its cells), cells that are not finished. A data error for a cell that is another run's, damaged, or
// in two shards that don't say so.
Result<std::vector<RunPart>> read_run_parts(const std::vector<std::filesystem::path>& folders);

// The run that they are parts of: its plan, its inputs, and where each of its cells is from.
RunRecord whole_of(const std::vector<RunPart>& parts);

}  // namespace loopgate
