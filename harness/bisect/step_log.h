// The steps of a bisection that are known, in memory and on disk.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "bisect/search.h"
#include "record/bisect_record.h"

namespace loopgate {

class StepLog {
 public:
  // Takes over the steps that the folder's bisect.json has. A usage error where it is another bisection's.
  static Result<StepLog> open(const std::filesystem::path& folder, BisectRecord beginning);

  const BisectRecord& record() const { return record_; }

  // Nothing where it is not known yet. Pointers hold until the next step is added.
  const BisectStep* of_trial(const Trial& trial) const;
  const BisectStep* of_kernel(const std::string& kernel_sha256) const;

  // The folder's name of the next step in between: "1", "2".
  std::string next_name() const;

  Status add(BisectStep step);
  Status finish(BisectAnswer answer);

 private:
  StepLog(std::filesystem::path file, BisectRecord record)
      : file_(std::move(file)), record_(std::move(record)) {}
  Status write() const;

  std::filesystem::path file_;
  BisectRecord record_;
};

}  // namespace loopgate
