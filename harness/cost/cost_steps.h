// Measures the kernels of a cost, each once, and keeps what is known of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "bisect/kernel_bench.h"
#include "cost/cost.h"
#include "cost/cost_log.h"
#include "cost/ends.h"
#include "stats/quantities.h"

namespace loopgate {

// `request`, `bench` and `by` must outlive it. Steps are told by their numbers in the log.
class CostSteps {
 public:
  CostSteps(const CostRequest& request, const KernelBench& bench, const Quantity& by, CostEnds ends,
            CostLog log)
      : request_(request), bench_(bench), by_(by), ends_(std::move(ends)), log_(std::move(log)) {}

  // Both kernels, and what is built again. An error where one can't be measured: `kernel` where it failed,
  // `infrastructure` where it is INVALID.
  Status measure_ends();
  std::size_t from() const { return from_; }
  std::size_t to() const { return to_; }
  std::size_t last() const { return last_; }  // that has all differences
  // The first kernel, and the one with all differences, once more; on virtual time with a longer command
  // line, and nothing else.
  Result<std::size_t> measure_from_again();
  Result<std::size_t> measure_last_again();

  // The first kernel with these differences. Nothing where it can't be measured.
  Result<std::optional<std::size_t>> measure_between(const ChangeSet& changes, const std::string& what);
  // It would be measured now.
  bool is_new(const ChangeSet& changes) const { return !log_.of_changes(changes); }
  // By --kernels.
  bool may_measure() const {
    return request_.most_kernels == 0 || log_.tried_between() < request_.most_kernels;
  }

  Result<AddedTime> added(std::size_t before, std::size_t after) const;

  const CostEnds& ends() const { return ends_; }
  CostLog* log() { return &log_; }
  const CostStep& step(std::size_t number) const { return log_.step(number); }
  // Of the kernel that differences are taken out of.
  std::string last_name() const;

 private:
  using Clock = std::chrono::steady_clock;

  void tell(const CostStep& step) const {
    if (request_.on_step) request_.on_step(step);
  }
  Result<std::size_t> keep(CostStep step, std::string name, const ChangeSet& changes, std::string what,
                           Clock::time_point begun);
  Result<std::size_t> measure_end(PreparedKernel* prepared, const char* name, const ChangeSet& changes,
                                  const std::string& what);
  Result<std::size_t> measure_again(const Kernel& kernel, const char* folder, const ChangeSet& changes,
                                    const std::string& name);
  Result<std::size_t> measure_new(const ChangeSet& changes, const std::string& what);

  const CostRequest& request_;
  const KernelBench& bench_;
  const Quantity& by_;
  CostEnds ends_;
  CostLog log_;
  std::size_t from_ = 0, to_ = 0, last_ = 0;
};

}  // namespace loopgate
