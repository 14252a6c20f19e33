#include "accept/verify_acceptance.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "accept/fits_plan.h"
#include "base/file.h"
#include "base/json.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

bool is_of_run(const std::string& path, const std::string& name) {
  const std::string folder = folder_of_run(name) + "/";
  return path == folder + policy_in_bundle || path == folder + verdict_in_bundle ||
         is_run_file(path, folder + run_in_bundle);
}

Status check_has_all(const OpenedBundle& opened, const AcceptancePlan& plan) {
  const auto& files = opened.unpacked.manifest.files;
  for (const PlannedRun& run : plan.runs)
    for (const std::string& each : {std::string(policy_in_bundle), std::string(verdict_in_bundle),
                                    run_in_bundle + std::string("/run.json")})
      if (const std::string path = folder_of_run(run.name) + "/" + each; !files.contains(path))
        return bundle_differs(opened, fmt::format("has no {}", path));
  for (const auto& [path, file] : files)
    if (path != acceptance_name &&
        std::ranges::none_of(plan.runs, [&](const PlannedRun& run) { return is_of_run(path, run.name); }))
      return bundle_differs(opened, fmt::format("has {}, which is no part of its plan", path));
  return {};
}

// An error of what is in the bundle, under the bundle's name.
tl::unexpected<Error> of_bundle(const OpenedBundle& opened, Error error) {
  if (error.kind == ErrorKind::infrastructure) return tl::unexpected<Error>(std::move(error));
  return fail(ErrorKind::data, fmt::format("{}: {}", opened.bundle.string(), error.what), error.next_step);
}

Result<AcceptanceRecord> read_record(const OpenedBundle& opened) {
  TRY(text, read_file(opened.root / acceptance_name, ErrorKind::data));
  auto record = parse_acceptance_record(text, acceptance_name);
  if (!record) return of_bundle(opened, record.error());
  // Its bundle is made when it ends: one without an end, which a successor could not be held to, is none.
  if (record->ended.empty() || record->attempts.back().ended != record->ended)
    return bundle_differs(
        opened, fmt::format("{} does not say when it ended, or not that its last attempt ended then",
                            acceptance_name));
  return record;
}

// Appends to `added_since`.
Result<AcceptedRun> verify_one(const OpenedBundle& opened, const AcceptanceRecord& record,
                               const PlannedRun& planned, std::vector<std::string>* added_since) {
  const std::string inside = folder_of_run(planned.name) + "/";
  TRY(judged, judge_again(opened, inside));
  auto run = read_run_record(opened.root / inside / run_in_bundle);
  if (!run) return of_bundle(opened, run.error());
  AcceptedRun accepted = accepted_run(planned, std::move(*run),
                                      opened.unpacked.manifest.files.at(inside + policy_in_bundle).sha256,
                                      std::move(judged.judged));
  if (const Status fits = check_fits_plan(record, accepted); !fits) return of_bundle(opened, fits.error());
  std::ranges::move(judged.added_since, std::back_inserter(*added_since));
  return accepted;
}

}  // namespace

bool is_acceptance(const Manifest& manifest) { return manifest.files.contains(acceptance_name); }

Result<VerifiedAcceptance> verify_acceptance(const OpenedBundle& opened) {
  TRY(record, read_record(opened));
  auto plan = parse_acceptance_plan(record.plan_toml, "the plan file in acceptance.json");
  if (!plan) return of_bundle(opened, plan.error());
  TRY_STATUS(check_has_all(opened, *plan));
  VerifiedAcceptance verified{{}, std::nullopt, std::move(record), std::move(*plan), {}, {}, {}, {}};
  for (const PlannedRun& each : verified.plan.runs) {
    TRY(run, verify_one(opened, verified.record, each, &verified.added_since));
    verified.releases.push_back(check_released(run.run, run.policy_sha256, shipped_files()));
    verified.runs.push_back(std::move(run));
  }
  verified.document = describe_acceptance(verified.record, verified.plan, verified.runs, opened.root);
  TRY(added_since, check_as_recorded(opened, acceptance_name, to_text(verified.document)));
  std::ranges::move(added_since, std::back_inserter(verified.added_since));
  verified.unpacked = opened.unpacked;
  verified.signatures = opened.signatures;
  return verified;
}

Result<Predecessor> read_predecessor(const fs::path& bundle, const fs::path& scratch,
                                     const LoopgateVersion& own) {
  TRY(opened, open_bundle(bundle, scratch, own, {}));
  if (!is_acceptance(opened.unpacked.manifest))
    return fail(ErrorKind::usage,
                fmt::format("--after {}: is a run's bundle, no acceptance's", bundle.string()),
                "name the acceptance.lgb that this acceptance comes after");
  TRY(record, read_record(opened));
  return Predecessor{record.id, opened.unpacked.sha256, record.ended};
}

}  // namespace loopgate
