#include "accept/finish.h"

#include <fmt/format.h>

#include "accept/fits_plan.h"
#include "accept/in_toto.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utc_time.h"
#include "bundle/archive.h"
#include "bundle/released.h"
#include "record/outcome.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

Result<AcceptedRun> judge_step(const fs::path& out, const AcceptanceRecord& record,
                               const PlannedRun& planned) {
  const fs::path folder = out / folder_of_run(planned.name);
  TRY(judged, judge_unpacked(folder / run_in_bundle, folder / policy_in_bundle));
  TRY(run, read_run_record(folder / run_in_bundle));
  TRY(policy_sha256, sha256_of_file(folder / policy_in_bundle));
  AcceptedRun accepted = accepted_run(planned, std::move(run), std::move(policy_sha256), std::move(judged));
  TRY_STATUS(check_fits_plan(record, accepted));
  TRY_STATUS(write_file_atomically(folder / verdict_in_bundle, to_json(accepted.judged.verdict)));
  return accepted;
}

Result<BundleSources> sources_of(const fs::path& out, const AcceptancePlan& plan) {
  BundleSources sources;
  sources.emplace(acceptance_name, BundleSource{out / acceptance_name, {}});
  for (const PlannedRun& run : plan.runs) {
    const std::string inside = folder_of_run(run.name) + "/";
    for (const char* each : {policy_in_bundle, verdict_in_bundle})
      sources.emplace(inside + each, BundleSource{out / inside / each, {}});
    TRY_STATUS(add_run(out / inside / run_in_bundle, inside + run_in_bundle, &sources));
  }
  return sources;
}

}  // namespace

std::vector<std::string> broken_cells(const fs::path& out, const AcceptancePlan& plan) {
  std::vector<std::string> broken;
  for (const PlannedRun& planned : plan.runs) {
    const fs::path folder = run_folder_of(out, planned);
    const auto run = read_run_record(folder);
    if (!run) continue;
    for (const DescribedCell& cell : run->cells) {
      const auto outcome = read_outcome(folder / "cells" / cell.name, *run, cell);
      const bool ended = outcome && outcome->kind != OutcomeKind::invalid;
      if (!ended)
        broken.push_back(fmt::format("{}/{}: {}", planned.name, cell.name,
                                     outcome ? outcome->reason : outcome.error().what));
    }
  }
  return broken;
}

Result<FinishedAcceptance> finish_acceptance(const fs::path& out, AcceptanceRecord record,
                                             const AcceptancePlan& plan) {
  FinishedAcceptance finished;
  for (const PlannedRun& planned : plan.runs) {
    TRY(run, judge_step(out, record, planned));
    finished.runs.push_back(std::move(run));
  }
  record.modified.emplace();
  for (const AcceptedRun& each : finished.runs)
    for (const std::string& clause : check_released(each.run, each.policy_sha256, shipped_files()).modified)
      record.modified->push_back(fmt::format("{}: {}", each.planned.name, clause));
  record.ended = utc_now();
  record.attempts.back().ended = record.ended;
  finished.document = describe_acceptance(record, plan, finished.runs, out);
  TRY_STATUS(write_file_atomically(out / acceptance_name, to_text(finished.document)));
  TRY(sources, sources_of(out, plan));
  TRY_STATUS(write_bundle(sources, record.loopgate, out / acceptance_bundle_name));
  return finished;
}

Result<std::optional<fs::path>> write_statement(const fs::path& out, const nlohmann::json& document) {
  const fs::path bundle = out / acceptance_bundle_name;
  TRY(sha256, sha256_of_file(bundle));
  const auto statement = in_toto_statement(document, acceptance_bundle_name, sha256);
  if (!statement) return std::nullopt;
  const fs::path file = bundle.string() + ".intoto.json";
  TRY_STATUS(write_file_atomically(file, *statement));
  return file;
}

}  // namespace loopgate
