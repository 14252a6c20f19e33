#include "run/cell_request.h"

#include "base/overloaded.h"
#include "machine/loopback_request.h"
#include "run/job.h"
#include "run/null_change.h"
#include "run/probe.h"

namespace loopgate {
namespace {

// The agent looks for what a program needs, and ends what does not end by itself: some seconds each.
std::int64_t programs_timeout_ns(const ProgramsWork& work) {
  constexpr std::int64_t spare_s = 5;
  std::int64_t all_s = spare_s;
  for (const SuiteProgram& program : work.programs) all_s += program.timeout_s + spare_s;
  return all_s * 1'000'000'000;
}

WorkRequest work_request(const Plan& plan, const Cell& cell) {
  const PulseSettings pulses = pulses_of(plan, cell);
  return std::visit(Overloaded{[&](const ResponseWork& work) -> WorkRequest {
                                 const bool stamps = !plan.board.is_virtual() && !work.payload.stamps.empty();
                                 const auto named = probe_named(plan.probe);  // an error where there is none
                                 const ProbeKind* probe = named ? named->kind : nullptr;
                                 return ResponseRequest{pulses, work.loopback, stamps, probe != nullptr,
                                                        probe != nullptr && probe->has_trace};
                               },
                               [&](const DecisionWork&) -> WorkRequest { return DecisionRequest{pulses}; },
                               [&](const ProgramsWork& work) -> WorkRequest {
                                 return ProgramsRequest{pulses, programs_timeout_ns(work)};
                               }},
                    plan.suite.work);
}

// The agent holds each to its own limit; this one is for an agent that is not heard of at all.
std::int64_t ready_limit_ms(const Load& load, const Payload& payload, const Job& job) {
  return 10'000 + part_ready_timeout_ms * static_cast<std::int64_t>(load.parts.size()) + load.settle_ms +
         payload.ready_timeout_ms + (job.probe ? job.probe->ready_timeout.count() : 0) +
         (job.instrument ? job.instrument->check_timeout.count() : 0);
}

}  // namespace

CellRequest request_for(const Plan& plan, const Cell& cell, const std::optional<KernelFiles>& kernel,
                        const TargetImage& target, const std::filesystem::path& folder) {
  const Payload& payload = payload_of(plan.suite.work);
  const Load& load = plan.loads[cell.load];
  CellRequest request;
  request.cell = cell.name;
  request.boot = boot_of(plan, cell);
  request.folder = folder;
  request.kernel = kernel;
  request.target = kernel && kernel->target ? *kernel->target : target;
  request.kernel_arguments = given_arguments(plan.kernels[cell.kernel], plan.null_change);
  request.job = job_of(plan, cell);
  request.files = payload.files;
  request.work = work_request(plan, cell);
  request.storm_per_second = load.storm.per_second;
  request.ready_limit_ns = ready_limit_ms(load, payload, request.job) * 1'000'000;
  return request;
}

}  // namespace loopgate
