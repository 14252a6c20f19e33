// Of begin.h: the folder on disk.
#include <fmt/format.h>

#include "accept/begin.h"
#include "accept/describe.h"
#include "base/file.h"
#include "base/json.h"
#include "record/outcome.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

Status write_record(const fs::path& out, const AcceptanceRecord& record) {
  return write_file_atomically(out / begun_name, to_text(json_of(record)));
}

Status create(const fs::path& out, const PlannedAcceptance& planned) {
  for (const AcceptanceStep& step : planned.steps) {
    const fs::path folder = out / folder_of_run(step.planned.name);
    TRY_STATUS(make_directories(folder));
    TRY_STATUS(write_file_atomically(folder / policy_in_bundle, step.policy_toml));
  }
  return write_record(out, planned.record);
}

tl::unexpected<Error> begun_with(const fs::path& out, const std::string& what) {
  return fail(ErrorKind::usage, fmt::format("{}: was begun with another {}", out.string(), what),
              "give --resume with the line that began it, or name another folder");
}

Status check_same(const fs::path& out, const AcceptanceRecord& begun, const PlannedAcceptance& planned) {
  const AcceptanceRecord& asked = planned.record;
  if (begun.plan_toml != asked.plan_toml || begun.plan_file != asked.plan_file)
    return begun_with(out, "plan file");
  if (begun.board != asked.board) return begun_with(out, "--board");
  if (begun.told.customer != asked.told.customer) return begun_with(out, "--customer");
  if (begun.told.site != asked.told.site) return begun_with(out, "--site");
  if (begun.told != asked.told) return begun_with(out, "--tester, --serial or --firmware");
  if (begun.nonce != asked.nonce) return begun_with(out, "--nonce");
  if (begun.predecessor != asked.predecessor) return begun_with(out, "--after");
  for (const AcceptanceStep& step : planned.steps) {
    TRY(policy, read_file(out / folder_of_run(step.planned.name) / policy_in_bundle, ErrorKind::data));
    if (policy != step.policy_toml) return begun_with(out, "policy " + step.planned.policy);
  }
  return {};
}

// The cells that RunDirectory measures again: they came to an end, and it was the bench's fault.
void note_retries(const fs::path& out, const AcceptanceStep& step, Attempt* attempt) {
  const fs::path folder = run_folder_of(out, step.planned);
  const auto run = read_run_record(folder);
  if (!run) return;
  for (const DescribedCell& cell : run->cells) {
    const auto outcome = read_outcome(folder / "cells" / cell.name, *run, cell);
    if (outcome && outcome->kind == OutcomeKind::invalid)
      attempt->measured_again.push_back({step.planned.name, cell.name, outcome->reason});
  }
}

Status go_on(const fs::path& out, PlannedAcceptance* planned) {
  TRY(text, read_file(out / begun_name, ErrorKind::usage));
  TRY(begun, parse_acceptance_record(text, (out / begun_name).string()));
  TRY_STATUS(check_same(out, begun, *planned));
  Attempt attempt = planned->record.attempts.front();
  for (const AcceptanceStep& step : planned->steps) note_retries(out, step, &attempt);
  begun.loopgate = planned->record.loopgate;
  begun.attempts.push_back(std::move(attempt));
  planned->record = std::move(begun);
  return write_record(out, planned->record);
}

}  // namespace

Result<FileLock> open_acceptance(const AcceptRequest& request, PlannedAcceptance* planned) {
  std::error_code error;
  const bool there = fs::exists(request.out / begun_name, error);
  if (fs::exists(request.out, error) && !fs::is_empty(request.out, error) && !(request.resume && there))
    return fail(ErrorKind::usage, fmt::format("--out {}: is there already", request.out.string()),
                there ? "go on with it by --resume, or name another folder"
                      : "it has no begun.json, so nothing was measured: remove it, or name another folder");
  TRY_STATUS(make_directories(request.out));
  TRY(lock, FileLock::take(request.out));
  TRY_STATUS(there ? go_on(request.out, planned) : create(request.out, *planned));
  return lock;
}

}  // namespace loopgate
