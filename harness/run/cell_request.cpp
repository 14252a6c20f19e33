#include "run/cell_request.h"

#include "machine/loopback_request.h"
#include "run/job.h"

namespace loopgate {

CellRequest request_for(const Plan& plan, const Cell& cell, const std::optional<KernelFiles>& kernel,
                        const TargetImage& target, const std::filesystem::path& folder) {
  CellRequest request;
  request.cell = cell.name;
  request.boot = boot_of(plan, cell);
  request.folder = folder;
  request.kernel = kernel;
  request.target = kernel && kernel->target ? *kernel->target : target;
  request.kernel_arguments = plan.kernels[cell.kernel].arguments;
  request.job = job_of(plan, cell);
  request.files = plan.suite.payload.files;
  request.records = plan.suite.decisions.has_value();
  request.stamps = !plan.board.is_virtual() && !plan.suite.payload.stamps.empty();
  request.pulses = pulses_of(plan, cell);
  request.loopback_measures = plan.suite.loopback;
  request.storm_per_second = plan.loads[cell.load].storm.per_second;
  // The agent holds each to its own limit; this one is for an agent that is not heard of at all.
  const Load& load = plan.loads[cell.load];
  const std::int64_t ready_ms = 10'000 +
                                part_ready_timeout_ms * static_cast<std::int64_t>(load.parts.size()) +
                                load.settle_ms + plan.suite.payload.ready_timeout_ms +
                                (measured_on_board(plan.suite, plan.board) ? loopback_check_within_ms : 0);
  request.ready_limit_ns = ready_ms * 1'000'000;
  return request;
}

}  // namespace loopgate
