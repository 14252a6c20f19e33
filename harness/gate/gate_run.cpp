#include "gate/gate_run.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "gate/calibration_check.h"
#include "gate/evaluate.h"
#include "gate/policy.h"
#include "gate/programs_reread.h"
#include "gate/verdict_files.h"
#include "record/derived_files.h"
#include "record/run_record.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// What may be given as the other run.
constexpr const char* give_a_run = "give the folder of another run of this suite, or its comparison.json";

// `what` it serves as: "baseline", "virtual run".
tl::unexpected<Error> no_run(const fs::path& path, bool folder, const char* what) {
  std::error_code ignored;
  for (const char* bounds : {"imported.json", "latmon.json"})
    if (folder && fs::exists(path / bounds, ignored))
      return fail(ErrorKind::usage,
                  fmt::format("{}: holds {}: its figures are intervals, and no {} is made of them",
                              path.string(), bounds, what),
                  give_a_run);
  if (!fs::exists(path, ignored))
    return fail(ErrorKind::usage, fmt::format("{}: there is no such {}", path.string(), what), give_a_run);
  return fail(
      ErrorKind::usage,
      fmt::format("{}: is no {}: it has neither run.json nor comparison.json in it", path.string(), what),
      give_a_run);
}

Result<Baseline> read_other_run(const fs::path& path, const char* what) {
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  if (folder && fs::exists(path / "run.json", ignored)) {
    TRY(statistics, run_statistics(path));
    return Baseline{path.string(), std::move(statistics)};
  }
  const fs::path file = folder ? path / "comparison.json" : path;
  if (!fs::exists(file, ignored)) return no_run(path, folder, what);
  auto comparison = read_comparison(file);
  if (comparison) return Baseline{path.string(), std::move(*comparison)};
  // By its name it is none of another kind: it was damaged or cut off.
  const bool meant = folder || file.filename() == "comparison.json";
  if (meant || comparison.error().kind != ErrorKind::data) return tl::unexpected(comparison.error());
  return fail(ErrorKind::usage,  // another file was named, such as an export
              fmt::format("{}: is no comparison.json: {}", path.string(), comparison.error().what),
              give_a_run);
}

// Held against itself it can never fail.
Status check_is_another(const fs::path& run, const fs::path& baseline) {
  std::error_code ignored;
  const bool folder = fs::is_directory(baseline, ignored);
  const fs::path of_baseline = folder ? baseline : fs::canonical(baseline, ignored).parent_path();
  if (!fs::equivalent(run, of_baseline, ignored)) return {};
  return fail(ErrorKind::usage,
              fmt::format("{}: the baseline is this very run: held against itself nothing can fail",
                          baseline.string()),
              "give the folder of an earlier run");
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

// Reads alone.
Result<GateResult> judge_run(const GateRequest& request) {
  TRY(policy, read_policy(request.policy));
  TRY_STATUS(check_is_whole(request.run_dir));
  TRY(statistics, run_statistics(request.run_dir));
  reread_programs(request.run_dir, &statistics);
  std::optional<Baseline> baseline;
  if (request.baseline) {
    TRY_STATUS(check_is_another(request.run_dir, *request.baseline));
    TRY(read, read_other_run(*request.baseline, "baseline"));
    baseline = std::move(read);
  }
  TRY(verdict, evaluate(statistics, policy, baseline));
  if (baseline) verdict.baseline_sha256 = sha256_of(to_json(baseline->comparison));
  TRY_STATUS(add_error_rates(request, statistics, policy, &verdict));
  if (request.compare_order) {
    TRY(order, read_order(*request.compare_order, statistics, policy.confidence));
    verdict.order = std::move(order);
  }
  if (request.next_step) verdict.next_step = request.next_step(statistics);
  return GateResult{std::move(statistics), std::move(verdict)};
}

Status remove_earlier(const GateRequest& request) {
  auto verdict = remove_verdict(request.run_dir);
  auto exports = remove_exports(request.exports);
  return verdict ? exports : verdict;
}

}  // namespace

Status check_is_whole(const fs::path& run_dir) {
  const auto run = read_run_record(run_dir);
  if (!run || run->repetition == 0 || run->repeat == 1) return {};  // what cannot be read is told by others
  return fail(ErrorKind::usage,
              fmt::format("{}: holds replicate {} of {} alone (--repetition), and a verdict is of all",
                          run_dir.string(), run->repetition, run->repeat),
              "run it without --repetition, or with --repeat 1 where one is meant to be all");
}

Result<GateResult> gate_run(const GateRequest& request) {
  const auto remove = [&] { return remove_earlier(request); };
  TRY(judged, without_earlier(judge_run(request), remove));
  // Whatever may still be refused as a mistake comes before anything goes.
  TRY(exports, without_earlier(
                   exports_of(request.exports, request.run_dir, judged.verdict, judged.comparison), remove));
  TRY_STATUS(remove());
  TRY_STATUS(write_verdict(request.run_dir, judged.verdict, judged.comparison, std::move(exports)));
  return judged;
}

}  // namespace loopgate
