#include "accept/check_folder.h"

#include <fmt/format.h>

#include "accept/begin.h"
#include "accept/fits_plan.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "base/temporary_folder.h"
#include "bundle/judged_again.h"
#include "bundle/verify.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// `report` holds what is drawn against the bundle that is beside it: then nothing else must verify it.
std::string restored_from_bundle(const fs::path& folder) {
  const fs::path bundle = folder / acceptance_bundle_name;
  std::error_code ignored;
  if (fs::exists(bundle, ignored))
    return quoted({"tar", "-xf", bundle.string(), "-C", folder.string()}) + " restores what it is made of";
  return "unpack the bundle again, once `loopgate verify` finds it sound, and draw what was unpacked";
}

tl::unexpected<Error> folder_differs(const fs::path& folder, const fs::path& file, const std::string& what) {
  return fail(ErrorKind::data, fmt::format("{}: {}", file.string(), what), restored_from_bundle(folder));
}

// What cannot be read or judged in it is no mistake of who asks.
tl::unexpected<Error> in_folder(const fs::path& folder, const fs::path& file, const Error& error) {
  if (error.kind == ErrorKind::infrastructure) return tl::unexpected<Error>(error);
  return folder_differs(folder, file, error.what);
}

Status check_text(const fs::path& folder, const fs::path& file, const std::string& recomputed,
                  Packer packer) {
  TRY(recorded, read_file(file, ErrorKind::data));
  const std::string where = hold_against(recorded, recomputed, packer).difference;
  if (where.empty()) return {};
  const char* why =
      packer == Packer::this_build ? "was altered" : "was altered, or builds of loopgate differ";
  return folder_differs(folder, file, fmt::format("{}: it differs at {}", why, where));
}

Result<AcceptedRun> judge_planned(const fs::path& folder, const AcceptanceRecord& record,
                                  const PlannedRun& planned, Packer packer) {
  const fs::path beside = folder / folder_of_run(planned.name);
  auto judged = judge_unpacked(beside / run_in_bundle, beside / policy_in_bundle);
  if (!judged) return in_folder(folder, beside, judged.error());
  TRY_STATUS(check_text(folder, beside / verdict_in_bundle, to_json(judged->verdict), packer));
  auto run = read_run_record(beside / run_in_bundle);
  if (!run) return in_folder(folder, beside, run.error());
  TRY(policy_sha256, sha256_of_file(beside / policy_in_bundle));
  AcceptedRun accepted = accepted_run(planned, *std::move(run), std::move(policy_sha256), *std::move(judged));
  if (const Status fits = check_fits_plan(record, accepted); !fits)
    return in_folder(folder, beside, fits.error());
  return accepted;
}

// What is drawn is shown beside this bundle's digest: it must be the same acceptance, to the byte.
Status check_is_of_bundle(const fs::path& folder, const LoopgateVersion& own) {
  const fs::path bundle = folder / acceptance_bundle_name;
  std::error_code error;
  if (!fs::exists(bundle, error)) return {};
  TRY(scratch, temporary_folder());
  auto opened = open_bundle(bundle, scratch, own, {});
  if (!opened) return tl::unexpected<Error>(opened.error());
  for (const auto& [path, file] : opened->unpacked.manifest.files) {
    auto sha256 = sha256_of_file(folder / path);
    if (!sha256) return in_folder(folder, folder / path, sha256.error());
    if (*sha256 != file.sha256)
      return folder_differs(folder, folder / path,
                            fmt::format("is not the one in {}", acceptance_bundle_name));
  }
  return {};
}

}  // namespace

Result<std::vector<AcceptedRun>> check_acceptance_folder(const fs::path& folder, const LoopgateVersion& own) {
  const fs::path file = folder / acceptance_name;
  TRY(text, read_text_file(file, ErrorKind::data));
  TRY(record, parse_acceptance_record(text, file.string()));
  auto plan = parse_acceptance_plan(record.plan_toml, "plan");
  if (!plan) return in_folder(folder, file, plan.error());
  const bool is_own = record.loopgate.version == own.version && record.loopgate.commit == own.commit;
  const Packer packer = is_own ? Packer::this_build : Packer::another_build;
  std::vector<AcceptedRun> runs;
  for (const PlannedRun& planned : plan->runs) {
    TRY(run, judge_planned(folder, record, planned, packer));
    runs.push_back(std::move(run));
  }
  TRY_STATUS(check_text(folder, file, to_text(describe_acceptance(record, *plan, runs, folder)), packer));
  TRY_STATUS(check_is_of_bundle(folder, own));
  return runs;
}

}  // namespace loopgate
