#include "run/replay.h"

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"
#include "record/artifacts.h"
#include "record/samples_file.h"
#include "run/cell_request.h"

namespace loopgate {

Replay::Replay(FileLock lock, MeasuredCell measured, Session session, CellRequest request,
               const Notify& notify)
    : lock_(std::move(lock)),
      measured_(std::move(measured)),
      session_(std::move(session)),
      request_(std::move(request)),
      scratch_(request_.folder),
      machine_(session_.machine(notify)) {}

Result<Replay> Replay::open(const std::filesystem::path& run_folder, const std::string& cell_name,
                            const LoopgateVersion& version, const Notify& notify) {
  TRY(measured, find_measured_cell(run_folder, cell_name));
  TRY(lock, FileLock::take(measured.folder));
  auto prepared = prepare_session(measured.request, notify);
  if (!prepared && prepared.error().kind == ErrorKind::usage)  // nothing that whoever asks has named
    return fail(ErrorKind::usage, "the run can't be made again: " + prepared.error().what,
                "explain it where it was measured, or measure it here");
  TRY(session, std::move(prepared));
  const RunRecord now = session.describe(measured.request, 1, version);
  TRY_STATUS(check_repeatable(measured.run, now));
  const auto cell = std::ranges::find(session.plan.cells, measured.repetition, &Cell::repetition);
  if (cell == session.plan.cells.end()) return fail(ErrorKind::data, "run.json does not plan " + cell_name);
  CellRequest request = request_for(session.plan, *cell, session.kernels[cell->kernel], session.target,
                                    measured.folder / "explaining");
  return Replay(std::move(lock), std::move(measured), std::move(session), std::move(request), notify);
}

Result<MachineRun> Replay::run(const CellRequest& request, const ProgressListener& on_progress) {
  TRY_STATUS(make_directories(request.folder));
  return machine_->run(request, on_progress);
}

Status Replay::check_repeated(const CellRequest& request) const {
  const std::filesystem::path again = request.folder / samples_artifact.name;
  TRY(digest, sha256_of_file(again));
  if (digest == measured_.samples_sha256) return {};
  auto difference = first_difference(measured_.folder / samples_artifact.name, again);
  return fail(ErrorKind::infrastructure,
              "the run did not repeat, so its trace would explain another run: " +
                  (difference ? *difference : difference.error().what),
              "measure the cell with --verify-determinism");
}

}  // namespace loopgate
