#include "run/replay.h"

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"
#include "protocol/report.h"
#include "record/artifacts.h"
#include "record/outcome.h"
#include "record/samples_file.h"
#include "run/cell_request.h"
#include "run/describe_run.h"
#include "run/judge.h"
#include "run/judge_programs.h"

namespace loopgate {
namespace {

auto did_not_repeat(const std::string& how) {
  return fail(ErrorKind::infrastructure,
              "the run did not repeat, so its trace would explain another run: " + how,
              "measure the cell with --verify-determinism");
}

}  // namespace

Replay::Replay(FileLock lock, MeasuredCell measured, Session session, MachineRecord machine,
               CellRequest request, const Notify& notify)
    : lock_(std::move(lock)),
      measured_(std::move(measured)),
      session_(std::move(session)),
      machine_record_(std::move(machine)),
      request_(std::move(request)),
      scratch_(request_.folder),
      machine_(session_.machine(notify)) {}

Result<Replay> Replay::open(const std::filesystem::path& run_folder, const std::string& cell_name,
                            const LoopgateVersion& version, const Notify& notify,
                            const std::atomic<bool>* stop, MeasuredBy by, Again again) {
  TRY(measured, find_measured_cell(run_folder, cell_name, by, again));
  if (again == Again::on_one_cpu) TRY_STATUS(check_one_cpu(measured.run));
  TRY(lock, FileLock::take(measured.folder));
  measured.request.inputs = run_folder.string();  // whatever is newest today
  auto prepared = prepare_session(measured.request, notify);
  if (!prepared && prepared.error().kind == ErrorKind::usage)  // nothing that whoever asks has named
    return fail(ErrorKind::usage, "the run can't be made again: " + prepared.error().what,
                next_step_of(again));
  TRY(session, std::move(prepared));
  const RunRecord now = session.describe(measured.request, 1, version);
  TRY_STATUS(check_repeatable(measured.run, now, again));
  const auto cell = std::ranges::find(session.plan.cells, measured.repetition, &Cell::repetition);
  if (cell == session.plan.cells.end()) return fail(ErrorKind::data, "run.json does not plan " + cell_name);
  CellRequest request = request_for(session.plan, *cell, session.kernels[cell->kernel], session.target,
                                    measured.folder / "explaining");
  request.stop = stop;
  return Replay(std::move(lock), std::move(measured), std::move(session), now.machine, std::move(request),
                notify);
}

Result<MachineRun> Replay::run(const CellRequest& request, const ProgressListener& on_progress) {
  if (request.is_stopped()) return fail(ErrorKind::infrastructure, "the run was interrupted");
  TRY_STATUS(make_directories(request.folder));
  return machine_->run(request, on_progress);
}

Status Replay::check_sound(const CellRequest& request, const MachineRun& run) const {
  const auto cell = std::ranges::find(session_.plan.cells, measured_.repetition, &Cell::repetition);
  Outcome outcome = unjudged_outcome(session_.plan, *cell);
  outcome.kind = OutcomeKind::measured;
  (void)judge_cell(run, session_.plan, *cell, request, &outcome);
  if (outcome.kind == OutcomeKind::measured) return {};
  return fail(outcome.kind == OutcomeKind::kernel_failed ? ErrorKind::kernel : ErrorKind::infrastructure,
              outcome.reason, outcome.next_step);
}

Status Replay::check_repeated(const CellRequest& request, const MachineRun& run) const {
  TRY(where, difference(request, run));
  return where.empty() ? Status() : did_not_repeat(where);
}

Result<std::string> Replay::difference(const CellRequest& request, const MachineRun& run) const {
  if (measured_.by == MeasuredBy::programs) return difference_of_programs(request, run);
  return difference_of_samples(measured_.folder / samples_artifact.name, measured_.samples_sha256,
                               request.folder / samples_artifact.name);
}

// Judged as when they were measured: that is what the digest is of, and by which each is told apart.
Result<std::string> Replay::difference_of_programs(const CellRequest& request, const MachineRun& run) const {
  TRY(report, parse_report(run.report));
  Outcome outcome;
  outcome.kind = OutcomeKind::measured;
  judge_programs(std::get<ProgramsWork>(session_.plan.suite.work).programs, request, report,
                 session_.plan.board, &outcome);
  if (outcome.sha256_of(programs_artifact) == measured_.programs_sha256) return std::string();
  TRY(again, load_programs(request.folder));
  const auto differs = std::ranges::mismatch(measured_.programs, again.file.programs).in1;
  return differs == measured_.programs.end() ? "it has other programs"
                                             : differs->name + " left something else";
}

Result<std::string> difference_of_samples(const std::filesystem::path& measured,
                                          const std::string& measured_sha256,
                                          const std::filesystem::path& again) {
  TRY(digest, sha256_of_file(again));
  if (digest == measured_sha256) return std::string();
  const auto where = first_difference(measured, again);
  if (!where) return where.error().what;
  return where->empty() ? "the files' bytes differ" : *where;
}

}  // namespace loopgate
