#include "run/replay.h"

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"
#include "record/artifacts.h"
#include "record/samples_file.h"
#include "run/describe_run.h"
#include "run/runner.h"

namespace loopgate {

Replay::Replay(FileLock lock, MeasuredCell measured, Bench bench, CellRequest request, const Notify& tell)
    : lock_(std::move(lock)),
      measured_(std::move(measured)),
      bench_(std::move(bench)),
      request_(std::move(request)),
      scratch_(request_.folder),
      machine_(bench_.machine(tell)) {}

Result<Replay> Replay::open(const std::filesystem::path& run_folder, const std::string& cell_name,
                            const LoopgateVersion& version, const Notify& tell) {
  TRY(measured, find_measured_cell(run_folder, cell_name));
  TRY(lock, FileLock::take(measured.folder));
  TRY(bench, prepare_bench(measured.request, tell));
  const RunRecord now = describe_run(bench.plan, measured.request, bench.kernels, bench.target,
                                     describe_machine(bench), 1, version);
  TRY_STATUS(check_repeatable(measured.run, now));
  const auto cell = std::ranges::find(bench.plan.cells, measured.repetition, &Cell::repetition);
  if (cell == bench.plan.cells.end()) return fail(ErrorKind::data, "run.json does not plan " + cell_name);
  CellRequest request =
      order_for(bench.plan, *cell, bench.kernels[cell->kernel], bench.target, measured.folder / "explaining");
  return Replay(std::move(lock), std::move(measured), std::move(bench), std::move(request), tell);
}

Result<MachineRun> Replay::run(const CellRequest& request, const ProgressListener& listen) {
  TRY_STATUS(make_directories(request.folder));
  return machine_->run(request, listen);
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
