// The shards of a run become the run: its folder is there whole, or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace loopgate {

struct MergedRun {
  Comparison statistics;
  std::size_t shards = 0;
  std::size_t cells = 0;
  std::size_t compared = 0;          // cells that two shards have measured
  std::size_t uncompared = 0;        // that two were to measure, and one of them could not
  std::vector<std::string> unequal;  // of these, what differs; a sentence each
  bool kernel_failed = false;        // in a cell
  bool all_measured = true;
};

// "8 shards of 48 cells; 4 cells were measured by two shards, and are equal to the byte"
std::string summary_of(const MergedRun& run);

// Copies each cell as it is, once its files are found to be those that its outcome has the digests of, and
// computes the statistics. Where two shards have measured a cell and it is not the same to the byte, neither
// machine can be believed, and all cells of both become INVALID by an amendment. Errors: those of
// read_run_parts(); a usage error where `out` is there; an infrastructure error where it can't be written.
Result<MergedRun> merge_run(const std::vector<std::filesystem::path>& parts,
                            const std::filesystem::path& out);

}  // namespace loopgate
