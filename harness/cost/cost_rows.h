// What the parts of a cost come to: what each adds, what it takes back, and the functions that it is in.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "cost/cost_search.h"
#include "cost/cost_steps.h"
#include "cost/path_functions.h"
#include "record/cost_file.h"

namespace loopgate {

// `steps`, `request` and `bench` must outlive it. What is measured more goes into the steps.
class CostRows {
 public:
  CostRows(CostSteps* steps, const CostRequest& request, const KernelBench& bench, double least_ns)
      : steps_(*steps), request_(request), bench_(bench), least_ns_(least_ns) {}

  // Divides what the kernels differ by, and fills in `rows` and `hidden`.
  Status make(CostRecord* result);
  // Everything was tried that is to be tried; else --kernels were too few.
  bool is_finished() const { return is_finished_; }

 private:
  bool is_cost(const CostRow& row) const { return loopgate::is_cost(row.added, least_ns_); }
  // From the one step to the other, `base` being in.
  Result<std::vector<CostPart>> divide(const std::vector<std::size_t>& order, std::size_t from,
                                       std::size_t to, const ChangeSet& base);
  // The rows of `hidden` that cost something beside all others.
  Status divide_hidden(std::size_t without_all, HiddenCost* hidden);
  Result<CostRow> row_between(std::size_t before, std::size_t after) const;
  Result<CostRow> row_of(const CostPart& part);
  Result<CostRow> row_of_rest(std::size_t options_left_out) const;
  Status take_out(CostRow* row);
  Status take_out_hidden(CostRecord* result);
  // The step of the last kernel without these; nothing, and why.
  Result<std::optional<std::size_t>> step_without(const std::vector<std::int64_t>& changes,
                                                  const std::string& what, std::string* why_not);
  void name_functions(CostRow* row);
  const Result<PathFunctions>& functions_of(const std::string& step);

  CostSteps& steps_;
  const CostRequest& request_;
  const KernelBench& bench_;
  double least_ns_;
  bool is_finished_ = true;
  std::map<std::string, Result<PathFunctions>> functions_;  // by the folder of the step
};

}  // namespace loopgate
