// The run directory: run.json at its top, a folder a cell. The format is in harness/record/README.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "base/result.h"
#include "kernel/kernel_files.h"
#include "machine/machine.h"
#include "run/plan.h"

namespace loopgate {

class RunDirectory {
 public:
  // A new folder; an existing one is refused, unless it is to be resumed and holds the very same plan.
  static Result<RunDirectory> open(const std::filesystem::path& path, const nlohmann::json& run, bool resume);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path folder_of(const Cell& cell) const { return path_ / "cells" / cell.name; }

  // Whether the cell came to an end that stands (and, if `verified`, was measured twice): it is not run
  // again. A cell of an earlier bench failure is.
  bool is_finished(const Cell& cell, bool verified = false) const;

 private:
  RunDirectory(std::filesystem::path path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  FileLock lock_;  // two runs on one folder would write over each other
};

// run.json.
nlohmann::json describe_run(const Plan& plan, const std::vector<KernelFiles>& kernels,
                            const TargetImage& target, nlohmann::json machine, int jobs,
                            const std::string& loopgate_version);

// run.json's `files`: where the files of the user's own are that the request names.
nlohmann::json files_of(const Plan& plan, const PlanRequest& request);

}  // namespace loopgate
