#include "cost/cost_steps.h"

#include <fmt/format.h>

#include "base/elapsed.h"
#include "cost/added_time.h"
#include "cost/measured_step.h"

namespace loopgate {
namespace {

constexpr const char* from_again_folder = "from-again";
constexpr const char* to_again_folder = "to-again";

std::vector<std::int64_t> as_numbers(const ChangeSet& changes) { return {changes.begin(), changes.end()}; }

}  // namespace

std::string CostSteps::last_name() const {
  return ends_.rebuilt ? fmt::format("{}'s options on {}'s sources", request_.to.name, request_.from.name)
                       : request_.to.name;
}

Result<AddedTime> CostSteps::added(std::size_t before, std::size_t after) const {
  return added_time(log_.step(before).by_ns, log_.step(after).by_ns, cost_confidence);
}

Result<std::size_t> CostSteps::keep(CostStep step, std::string name, const ChangeSet& changes,
                                    std::string what, Clock::time_point begun) {
  step.name = std::move(name);
  step.changes = as_numbers(changes);
  step.what = std::move(what);
  step.total_s = seconds_since(begun);
  TRY(number, log_.add(std::move(step)));
  tell(log_.step(number));
  return number;
}

Result<std::size_t> CostSteps::measure_end(PreparedKernel* prepared, const char* name,
                                           const ChangeSet& changes, const std::string& what) {
  const auto begun = Clock::now();
  if (const auto known = log_.of_name(name)) return *known;
  TRY(step, measured_step(bench_, prepared, by_));
  if (step.measured) return keep(std::move(step), name, changes, what, begun);
  return fail(step.kernel_failed ? ErrorKind::kernel : ErrorKind::infrastructure,
              fmt::format("{} can't be measured: {}", what, step.why),
              fmt::format("its cells are in {}", (prepared->folder / "run" / "cells").string()));
}

Status CostSteps::measure_ends() {
  for (const CostStep& step : log_.record().steps) tell(step);
  const ChangeSet all = all_changes(ends_.difference.changes.size());
  TRY(from, measure_end(&ends_.from, from_folder, {}, request_.from.name));
  TRY(to, measure_end(&ends_.to, to_folder, ends_.rebuilt ? ChangeSet{} : all, request_.to.name));
  from_ = from;
  last_ = to_ = to;
  if (!ends_.rebuilt) return {};
  TRY(prepared, bench_.prepare(ends_.difference.bad, request_.folder / to_rebuilt_folder));
  TRY(rebuilt, measure_end(&prepared, to_rebuilt_folder, all, last_name()));
  last_ = rebuilt;
  return {};
}

Result<std::size_t> CostSteps::measure_again(const Kernel& kernel, const char* folder,
                                             const ChangeSet& changes, const std::string& name) {
  const bool on_virtual_time = ends_.from.session.plan.board.is_virtual();
  TRY(prepared, bench_.prepare(kernel, request_.folder / folder, on_virtual_time ? 1 : 0));
  return measure_end(&prepared, folder, changes, name + " once more");
}

Result<std::size_t> CostSteps::measure_from_again() {
  return measure_again(request_.from, from_again_folder, {}, request_.from.name);
}

Result<std::size_t> CostSteps::measure_last_again() {
  return measure_again(ends_.rebuilt ? ends_.difference.bad : request_.to, to_again_folder,
                       all_changes(ends_.difference.changes.size()), last_name());
}

Result<std::optional<std::size_t>> CostSteps::measure_between(const ChangeSet& changes,
                                                              const std::string& what) {
  auto known = log_.of_changes(changes);
  if (!known) {
    TRY(number, measure_new(changes, what));
    known = number;
  }
  if (!log_.step(*known).measured) return std::nullopt;
  return known;
}

Result<std::size_t> CostSteps::measure_new(const ChangeSet& changes, const std::string& what) {
  const auto begun = Clock::now();
  const std::string name = log_.next_name();
  auto prepared = prepare_between(ends_, changes, request_.folder / name, bench_);
  CostStep step;
  if (!prepared && prepared.error().kind == ErrorKind::usage) {
    step.why = prepared.error().what;  // both kernels could be had, so it is this one's
  } else if (!prepared) {
    return tl::unexpected(prepared.error());
  } else if (const auto same = log_.of_kernel(prepared->kernel_sha256)) {
    step = log_.step(*same);
    step.same_as = step.name;
  } else {
    TRY(measured, measured_step(bench_, &*prepared, by_));
    step = std::move(measured);
  }
  return keep(std::move(step), name, changes, what, begun);
}

}  // namespace loopgate
