// The run directory: run.json at its top, a folder a cell. The format is in harness/record/README.md.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/file_lock.h"
#include "base/result.h"
#include "record/outcome.h"
#include "record/run_record.h"
#include "run/plan.h"
#include "stats/cell_result.h"

namespace loopgate {

// A cell that is measured anew, and what is wrong about what is there of it.
struct BegunAgain {
  std::string cell;
  std::string reason;
};

class RunDirectory {
 public:
  // A usage error where open() refuses the folder without a look at the plan.
  static Status check_new(const std::filesystem::path& path);
  // A new folder; an existing one is refused, unless it is to be resumed and holds the very same plan.
  static Result<RunDirectory> open(const std::filesystem::path& path, const RunRecord& run, bool resume);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path folder_of(const Cell& cell) const { return path_ / "cells" / cell.name; }

  // As run.json has it.
  const RunRecord& run() const { return run_; }

  // Before a cell is measured: removes what is there of it, and what was derived from the run's cells.
  Status begin(const Cell& cell) const;
  // The same for the run as a whole: its cells are about to change.
  Status begin() const;
  // Writes the outcome of a cell, bound to this run.
  Status finish(const Cell& cell, const Outcome& outcome) const;
  // Reads it. A data error where it is another run's.
  Result<Outcome> outcome_of(const Cell& cell) const;

  // Whether the cell came to an end that stands (and, if `verified`, was measured twice): it is not run
  // again. A cell of an earlier bench failure is, and one of another run. May be called by several threads.
  bool is_finished(const Cell& cell, bool verified = false) const;
  // The cells of which something is there, and which is_finished() denies: they had no measurement as their
  // end, were cut off, or were damaged since.
  std::vector<BegunAgain> begun_again() const;

  // What a cell that was just judged comes to: its samples are not read again. Not all are kept of a run that
  // is too large for it.
  void keep(const Cell& cell, CellFigures figures) const { keep(cell.name, std::move(figures)); }
  // Hands out all that was kept.
  KnownFigures take_kept() const;

 private:
  struct Kept {
    std::mutex mutex;
    KnownFigures figures;
    std::size_t latencies = 0;
  };
  void keep(const std::string& cell, CellFigures figures) const;
  RunDirectory(std::filesystem::path path, RunRecord run, FileLock lock)
      : path_(std::move(path)), run_(std::move(run)), lock_(std::move(lock)) {}
  Result<DescribedCell> described(const Cell& cell) const;
  Status stands(const DescribedCell& cell, bool verified) const;
  Status has_sound_files(const DescribedCell& cell, const Outcome& outcome) const;

  std::filesystem::path path_;
  RunRecord run_;
  FileLock lock_;  // two runs on one folder would write over each other
  std::unique_ptr<Kept> kept_ = std::make_unique<Kept>();
};

}  // namespace loopgate
