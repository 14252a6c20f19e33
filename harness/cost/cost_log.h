// The steps of a cost that are known, in memory and on disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "bisect/set_search.h"
#include "record/cost_file.h"

namespace loopgate {

class CostLog {
 public:
  // Takes over the steps that the folder's cost.json has. A usage error where it is another cost's.
  static Result<CostLog> open(const std::filesystem::path& folder, CostRecord beginning);

  const CostRecord& record() const { return record_; }
  const CostStep& step(std::size_t number) const { return record_.steps[number]; }

  // Numbers of steps; nothing where there is none.
  std::optional<std::size_t> of_name(const std::string& name) const;
  std::optional<std::size_t> of_changes(const ChangeSet& changes) const;
  // A step of this kernel that was measured. An empty digest has none.
  std::optional<std::size_t> of_kernel(const std::string& kernel_sha256) const;
  // "1", "2": of a kernel between the two.
  std::string next_name() const;
  // Those between the two kernels, also what could not be measured; without those that are another step's
  // kernel.
  std::size_t tried_between() const;

  Result<std::size_t> add(CostStep step);
  // What the steps come to: all of `result` but its steps, which are these.
  Status finish(CostRecord result);

 private:
  CostLog(std::filesystem::path file, CostRecord beginning)
      : file_(std::move(file)), record_(std::move(beginning)) {}
  Status write() const;

  std::filesystem::path file_;
  CostRecord record_;
};

}  // namespace loopgate
