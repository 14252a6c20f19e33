#include "bisect/kernel_bench.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"
#include "config/kernel_toml.h"
#include "run/kernel_in_effect.h"
#include "run/progress.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Of all kernels of the plan: with several contenders there are several.
std::string digest_of_kernels(const Session& session) {
  std::string digests;
  for (std::size_t i = 0; i < session.kernels.size(); ++i) {
    const std::string digest = kernel_as_asked_sha256(session.plan.kernels[i], session.kernels[i]);
    if (digest.empty()) return {};
    digests += digest;
  }
  return sha256_of(digests);
}

}  // namespace

Result<PreparedKernel> KernelBench::prepare(Kernel kernel, const fs::path& folder, int null_change,
                                            const std::string& fragment) const {
  TRY_STATUS(make_directories(folder));
  if (!fragment.empty()) {
    const fs::path options = folder / (std::string(candidate_name) + ".config");
    TRY_STATUS(write_file_atomically(options, fragment));
    std::get<BuildSource>(kernel.source).fragments = {options};
  }
  const fs::path file = folder / (std::string(candidate_name) + ".toml");
  TRY_STATUS(write_file_atomically(file, to_toml(kernel)));
  PreparedKernel prepared;
  prepared.asked = setup_.plan;
  prepared.asked.kernels = {file.string()};
  prepared.asked.null_change = null_change;
  prepared.folder = folder;
  TRY(plan, make_plan(prepared.asked, catalog_));
  TRY_STATUS(check_options(plan, setup_.options));
  TRY(session, prepare_session(std::move(plan), catalog_.root(), hooks_.notify));
  prepared.session = std::move(session);
  prepared.kernel_sha256 = digest_of_kernels(prepared.session);
  return prepared;
}

Result<Comparison> KernelBench::measure(PreparedKernel* prepared) const {
  const Plan& plan = prepared->session.plan;
  Progress progress(stderr, terminal_, plan.cells.size(),
                    PulseTrain(pulses_of(plan, plan.cells.front())).counts().planned);
  const MeasureRequest request{prepared->folder / "run", true, setup_.options, setup_.loopgate,
                               prepared->asked};
  TRY(run, measure_plan(&prepared->session, request, hooks_, &progress));
  if (!run.bench_sound)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: the bench was not sound to the end", run.folder.string()),
                "mend it, and call the same command again: what is measured is kept");
  return compute_run_statistics(run.folder, std::move(run.figures));
}

Result<Verdict> KernelBench::verdict_of(const Comparison& measured, const Comparison& baseline) const {
  if (setup_.policy.baselines.empty()) return evaluate(measured, setup_.policy, std::nullopt);
  return evaluate(measured, setup_.policy, Baseline{"the good end", baseline});
}

Result<JudgedStep> KernelBench::judge(PreparedKernel* prepared, const Comparison& baseline,
                                      bool failing_is_bad) const {
  TRY(measured, measure(prepared));
  TRY(verdict, verdict_of(measured, baseline));
  JudgedStep step = judged_step(verdict, failing_is_bad);
  if (!step.invalid) return step;
  TRY(measured_again, measure(prepared));
  TRY(verdict_again, verdict_of(measured_again, baseline));
  const JudgedStep again = judged_step(verdict_again, failing_is_bad);
  if (again.invalid && again.why == step.why) return again;
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: INVALID, and measured again {}: {}", (prepared->folder / "run").string(),
                          again.invalid ? "for another reason" : "it was not", step.why),
              "look at the bench, and call the same command again: what is measured is kept");
}

}  // namespace loopgate
