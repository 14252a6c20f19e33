#include "accept/open.h"

#include <fmt/format.h>

#include "accept/describe.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "gate/verdict.h"
#include "run/run_directory.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

Status write_record(const fs::path& out, const AcceptanceRecord& record) {
  return write_file_atomically(out / begun_name, to_text(json_of(record)));
}

Status create(const fs::path& out, const PlannedAcceptance& planned) {
  for (std::size_t i = 0; i < planned.plan.runs.size(); ++i) {
    const fs::path folder = out / folder_of_run(planned.plan.runs[i].name);
    TRY_STATUS(make_directories(folder));
    TRY_STATUS(write_file_atomically(folder / policy_in_bundle, planned.policies[i]));
  }
  return write_record(out, planned.record);
}

Status check_equal(const fs::path& out, const std::string& what, const std::string& begun,
                   const std::string& asked) {
  if (begun == asked) return {};
  return fail(ErrorKind::usage,
              fmt::format("{}: was begun with another {}: \"{}\", and now it is \"{}\"", out.string(), what,
                          printable(begun), printable(asked)),
              "give --resume with the line that began it, or name another folder");
}

Result<std::vector<std::string>> policies_of(const fs::path& out, const PlannedAcceptance& planned) {
  std::vector<std::string> digests;
  for (const PlannedRun& run : planned.plan.runs) {
    TRY(digest, sha256_of_file(out / folder_of_run(run.name) / policy_in_bundle));
    digests.push_back(std::move(digest));
  }
  return digests;
}

// RunDirectory alone says which cells are measured again. Nothing where the run was not begun.
Status note_retries(const fs::path& out, const AcceptanceStep& step, Attempt* attempt) {
  const fs::path folder = run_folder_of(out, step.planned);
  std::error_code ignored;
  if (!fs::exists(folder / "run.json", ignored)) {
    if (!fs::exists(folder / "cells", ignored) || fs::is_empty(folder / "cells", ignored)) return {};
    return fail(ErrorKind::data, fmt::format("{}: has cells, and no run.json", folder.string()),
                "the acceptance is damaged: keep its folder, and begin in another one");
  }
  TRY(run, read_run_record(folder));
  TRY(directory, RunDirectory::open(folder, run, true));
  for (BegunAgain& each : directory.begun_again())
    attempt->measured_again.push_back({step.planned.name, std::move(each.cell), std::move(each.reason)});
  return {};
}

// What has no run.json cannot be judged, not even as INVALID.
Status check_was_begun(const fs::path& out, const AcceptanceStep& step) {
  std::error_code ignored;
  if (fs::exists(run_folder_of(out, step.planned) / "run.json", ignored)) return {};
  return fail(ErrorKind::usage,
              fmt::format("--conclude: run {} of {} was not begun", step.planned.name, out.string()),
              "go on with the same command and --resume --conclude");
}

Status go_on(const fs::path& out, PlannedAcceptance* planned) {
  TRY(text, read_file(out / begun_name, ErrorKind::usage));
  TRY(begun, parse_acceptance_record(text, (out / begun_name).string()));
  std::vector<std::string> policies;
  if (begun.plan_toml == planned->record.plan_toml) {  // else it may have other runs
    TRY(there, policies_of(out, *planned));
    policies = std::move(there);
  }
  TRY_STATUS(check_same(out, begun, policies, *planned));
  Attempt attempt = planned->record.attempts.front();
  for (const AcceptanceStep& step : planned->steps) {
    TRY_STATUS(planned->measures ? note_retries(out, step, &attempt) : check_was_begun(out, step));
  }
  begun.loopgate = planned->record.loopgate;
  begun.attempts.push_back(std::move(attempt));
  planned->record = std::move(begun);
  return write_record(out, planned->record);
}

}  // namespace

Status check_same(const fs::path& out, const AcceptanceRecord& begun,
                  const std::vector<std::string>& policies_sha256, const AskedAcceptance& planned) {
  const AcceptanceRecord& asked = planned.record;
  const auto name_and_digest = [](const AcceptanceRecord& record) {
    return fmt::format("{} of sha256 {}", record.plan_file, sha256_of(record.plan_toml));
  };
  const auto bundle_of = [](const AcceptanceRecord& record) {
    return record.predecessor ? fmt::format("a bundle of sha256 {}", record.predecessor->sha256) : "";
  };
  TRY_STATUS(check_equal(out, "plan file", name_and_digest(begun), name_and_digest(asked)));
  TRY_STATUS(check_equal(out, "--board", begun.board, asked.board));
  TRY_STATUS(check_equal(out, "--customer", begun.told.customer, asked.told.customer));
  TRY_STATUS(check_equal(out, "--site", begun.told.site, asked.told.site));
  TRY_STATUS(check_equal(out, "--tester", begun.told.tester, asked.told.tester));
  TRY_STATUS(check_equal(out, "--serial", begun.told.serial, asked.told.serial));
  TRY_STATUS(check_equal(out, "--firmware", begun.told.firmware, asked.told.firmware));
  TRY_STATUS(check_equal(out, "--nonce", begun.nonce, asked.nonce));
  TRY_STATUS(check_equal(out, "--after", bundle_of(begun), bundle_of(asked)));
  for (std::size_t i = 0; i < planned.policies.size(); ++i)
    TRY_STATUS(check_equal(out, "policy " + planned.plan.runs[i].policy, "sha256 " + policies_sha256.at(i),
                           "sha256 " + sha256_of(planned.policies[i])));
  return {};
}

Status end_attempt(const fs::path& out, AcceptanceRecord* record) {
  record->attempts.back().ended = utc_now();
  return write_record(out, *record);
}

Result<FileLock> open_acceptance(const AcceptRequest& request, PlannedAcceptance* planned) {
  std::error_code error;
  const bool there = fs::exists(request.out / begun_name, error);
  if (!there && fs::exists(request.out / "runs", error))
    return fail(ErrorKind::data,
                fmt::format("--out {}: has runs, and no {}, which says what was begun", request.out.string(),
                            begun_name),
                "the folder is damaged: keep it, and begin in another one");
  const bool goes_on = there && (request.resume || request.conclude);
  planned->measures = !there || request.resume;
  if (fs::exists(request.out, error) && !fs::is_empty(request.out, error) && !goes_on)
    return fail(ErrorKind::usage, fmt::format("--out {}: is there already", request.out.string()),
                there ? "go on with it by --resume, or name another folder"
                      : "it is no acceptance's: name another folder");
  TRY_STATUS(make_directories(request.out));
  TRY(lock, FileLock::take(request.out));
  TRY_STATUS(there ? go_on(request.out, planned) : create(request.out, *planned));
  return lock;
}

}  // namespace loopgate
