#include "gate/gate_run.h"

#include <fmt/format.h>

#include "gate/calibration_check.h"
#include "gate/evaluate.h"
#include "gate/policy.h"
#include "gate/verdict_files.h"
#include "record/derived_files.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// `what` it serves as: "baseline", "virtual run".
Result<Baseline> read_other_run(const fs::path& path, const char* what) {
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  if (folder && fs::exists(path / "run.json", ignored)) {
    auto statistics = run_statistics(path);
    if (!statistics) return tl::unexpected(statistics.error());
    return Baseline{path.string(), std::move(*statistics)};
  }
  const fs::path file = folder ? path / "comparison.json" : path;
  if (!fs::exists(file, ignored))
    return fail(ErrorKind::usage, fmt::format("{}: there is no such {}", file.string(), what),
                "give a run's folder or a comparison.json");
  auto comparison = read_comparison(file);
  if (!comparison) return tl::unexpected(comparison.error());
  return Baseline{path.string(), std::move(*comparison)};
}

Result<KernelRanking> read_order(const fs::path& path, const Comparison& comparison, double confidence) {
  auto read = read_other_run(path, "virtual run");
  if (!read) return tl::unexpected(read.error());
  return rank_kernels(comparison, read->comparison, read->name, confidence);
}

// A capture knows its suite by its name alone, and cannot be calibrated.
Status add_error_rates(const GateRequest& request, const Comparison& run, const Policy& policy,
                       Verdict* verdict) {
  if (!run.programs.empty() && request.calibration)
    return fail(ErrorKind::usage, "programs that measure by themselves are not calibrated",
                "leave --calibration out");
  if (!request.calibration) {
    if (!run.suite.sha256.empty() && run.programs.empty())
      verdict->error_rates = not_calibrated_text(run.suite.name, request.policy.string());
    return {};
  }
  TRY(calibration, read_calibration(*request.calibration));
  TRY_STATUS(check_calibration(calibration, request.calibration->string(), run, policy,
                               request.baseline.has_value()));
  verdict->error_rates = error_rates_text(calibration);
  verdict->calibration = std::move(calibration);
  return {};
}

}  // namespace

Result<GateResult> gate_run(const GateRequest& request) {
  TRY_STATUS(remove_verdict(request.run_dir));
  auto policy = read_policy(request.policy);
  if (!policy) return tl::unexpected(policy.error());
  auto statistics = run_statistics(request.run_dir);
  if (!statistics) return tl::unexpected(statistics.error());
  std::optional<Baseline> baseline;
  if (request.baseline) {
    auto read = read_other_run(*request.baseline, "baseline");
    if (!read) return tl::unexpected(read.error());
    baseline = std::move(*read);
  }
  auto verdict = evaluate(*statistics, *policy, baseline);
  if (!verdict) return tl::unexpected(verdict.error());
  TRY_STATUS(add_error_rates(request, *statistics, *policy, &*verdict));
  if (request.compare_order) {
    auto order = read_order(*request.compare_order, *statistics, policy->confidence);
    if (!order) return tl::unexpected(order.error());
    verdict->order = std::move(*order);
  }
  if (auto done = write_verdict(request.run_dir, *verdict, *statistics); !done)
    return tl::unexpected(done.error());
  return GateResult{std::move(*statistics), std::move(*verdict)};
}

}  // namespace loopgate
