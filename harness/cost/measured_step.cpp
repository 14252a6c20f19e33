#include "cost/measured_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "cost/boot_time.h"
#include "gate/replicate_checks.h"
#include "record/artifacts.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// One sentence; empty where all of it was measured.
std::string why_not_measured(const GroupEvidence& group) {
  if (!group.invalid.empty()) return group.invalid.front().cell + ": " + group.invalid.front().reason;
  const SampleCounts& counts = group.summary.counts;
  if (counts.unanswered > 0)
    return fmt::format("{} of {} stimuli had no answer: figures without them would be too small",
                       with_thousands(counts.unanswered), with_thousands(counts.scheduled));
  return group.summary.latency_with_not_sent ? "" : "no stimulus was measured";
}

Result<const GroupEvidence*> only_group(const Comparison& measured) {
  if (measured.groups.size() == 1) return &measured.groups.front();
  return fail(
      ErrorKind::usage,
      fmt::format("a cost is of one kernel under one load, and {} are measured here", measured.groups.size()),
      "name one --load, and a contender with + where the suite has several");
}

bool has_failed(const GroupEvidence& group) {
  return std::ranges::any_of(group.invalid, [](const UnmeasuredCell& cell) { return cell.kernel_failed(); });
}

// A kernel's own fault comes again; the bench's is another one, or none, the second time.
Result<Comparison> measured_twice_where_invalid(const KernelBench& bench, PreparedKernel* prepared) {
  TRY(measured, bench.measure(prepared));
  TRY(first, only_group(measured));
  const std::string why = why_not_measured(*first);
  if (first->invalid.empty() || has_failed(*first)) return measured;
  TRY(again, bench.measure(prepared));
  TRY(second, only_group(again));
  if (why_not_measured(*second) == why) return again;
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: INVALID, and measured again it was not, or for another reason: {}",
                          (prepared->folder / "run").string(), why),
              "look at the bench, and call the same command again: what is measured is kept");
}

std::optional<double> boot_time_of(const fs::path& cell) {
  const auto console = read_file(cell / console_artifact.name);
  return console ? boot_seconds(*console) : std::nullopt;
}

Status read_figures(const GroupEvidence& group, const Quantity& by, CostStep* step) {
  const auto figures = figures_of_replicates(group, by);
  if (!figures)
    return fail(ErrorKind::usage, fmt::format("so few stimuli have no {} in each replicate", by.label),
                "measure more, by --samples, or another quantity, by --by");
  for (const double figure : *figures) step->by_ns.push_back(std::llround(figure));
  const LatencyFigures& pooled = *group.summary.latency_with_not_sent;
  step->p50_ns = figure(pooled, "p50");
  step->p99_ns = figure(pooled, "p99");
  step->max_ns = figure(pooled, "max");
  step->stimuli = static_cast<std::int64_t>(group.summary.counts.scheduled);
  return {};
}

}  // namespace

Result<CostStep> measured_step(const KernelBench& bench, PreparedKernel* prepared, const Quantity& by) {
  CostStep step;
  step.kernel_sha256 = prepared->kernel_sha256;
  std::error_code ignored;
  const auto bytes = fs::file_size(prepared->session.kernels.front().image, ignored);
  if (!ignored) step.image_bytes = static_cast<std::int64_t>(bytes);
  TRY(measured, measured_twice_where_invalid(bench, prepared));
  TRY(group, only_group(measured));
  step.why = why_not_measured(*group);
  step.measured = step.why.empty();
  step.kernel_failed = has_failed(*group);
  if (!step.measured) return step;
  TRY_STATUS(read_figures(*group, by, &step));
  step.boot_s = boot_time_of(prepared->folder / "run" / "cells" / group->cells.front());
  return step;
}

}  // namespace loopgate
