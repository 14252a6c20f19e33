#include "bundle/pack.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/place_to_write.h"
#include "bundle/archive.h"
#include "gate/evaluate.h"
#include "gate/gate_run.h"
#include "gate/policy.h"
#include "gate/programs_reread.h"
#include "stats/stats_run.h"

namespace loopgate {

namespace fs = std::filesystem;

namespace {

// Who is told to give --baseline, which no bundle takes, can do nothing.
Status check_needs_no_baseline(const Policy& policy) {
  if (policy.baselines.empty()) return {};
  const auto refuse = [&](const char* why, const char* instead) {
    return fail(ErrorKind::usage,
                fmt::format("{}: {}, and a bundle holds one run without a baseline", policy.file, why),
                instead);
  };
  if (policy.baseline_required)
    return refuse("has [[baseline]] rules, which it requires",
                  "set baseline_required = false in it, or name a policy without them");
  if (policy.budgets.empty() && policy.compares.empty() && policy.programs.empty())
    return refuse("has [[baseline]] rules alone", "name a policy with a [[budget]]");
  return {};
}

}  // namespace

Result<JudgedBundle> judge_unpacked(const fs::path& run_dir, const fs::path& policy_file) {
  TRY(policy, read_policy(policy_file));
  TRY_STATUS(check_needs_no_baseline(policy));
  TRY_STATUS(check_is_whole(run_dir));
  TRY(statistics, run_statistics(run_dir));
  reread_programs(run_dir, &statistics);
  TRY(verdict, evaluate(statistics, policy, std::nullopt));
  verdict.policy_file = policy_in_bundle;
  return JudgedBundle{std::move(statistics), std::move(verdict)};
}

Result<JudgedBundle> pack(const PackRequest& request) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(request.out, ignored)))
    return fail(ErrorKind::usage, fmt::format("--out {}: is there already", request.out.string()),
                "name a file that does not exist: a bundle is never written over");
  TRY_STATUS(check_file_place(request.out, "--out"));
  TRY(judged, judge_unpacked(request.run_dir, request.policy));
  TRY(policy_text, read_text_file(request.policy, ErrorKind::usage));
  BundleSources sources;
  sources.emplace(policy_in_bundle, BundleSource{{}, std::move(policy_text)});
  sources.emplace(verdict_in_bundle, BundleSource{{}, to_json(judged.verdict)});
  TRY_STATUS(add_run(request.run_dir, run_in_bundle, &sources));
  TRY_STATUS(write_bundle(sources, request.loopgate, request.out));
  return judged;
}

}  // namespace loopgate
