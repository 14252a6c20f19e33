#include "accept/rerun.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "record/artifacts.h"
#include "record/outcome.h"
#include "run/replay.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

Status compare(const Replay& replay, const CellRequest& request, const MachineRun& run) {
  const MeasuredCell& measured = replay.measured();
  if (measured.by == MeasuredBy::programs) return replay.check_repeated(request, run);
  return check_same_samples(measured.name, measured.folder / samples_artifact.name,
                            request.folder / samples_artifact.name);
}

Status rerun_cell(const fs::path& run_folder, const std::string& cell, MeasuredBy by,
                  const LoopgateVersion& loopgate, const Notify& notify) {
  TRY(replay, Replay::open(run_folder, cell, loopgate, notify, by));
  TRY(run, replay.run(replay.request(), {}));
  return compare(replay, replay.request(), run);
}

}  // namespace

Status check_same_samples(const std::string& cell, const fs::path& measured, const fs::path& again) {
  TRY(here, sha256_of_file(again));
  TRY(there, sha256_of_file(measured));
  if (here == there) return {};
  const auto difference = first_difference(measured, again);
  return fail(ErrorKind::data,
              fmt::format("cell {} gives other samples when it is measured again: {}", cell,
                          difference ? *difference : difference.error().what),
              "sign nothing; ask who made the bundle where it was measured");
}

Result<std::size_t> rerun(const fs::path& run_folder, const LoopgateVersion& loopgate, const Notify& notify) {
  TRY(run, read_run_record(run_folder));
  if (run.time_base != TimeBase::virtual_time)
    return fail(ErrorKind::usage,
                "--rerun: the run is in wall-clock time, which never repeats to the nanosecond",
                "leave --rerun out; only what was measured on the virtual bench can be measured again");
  const MeasuredBy by = run.has_programs_alone() ? MeasuredBy::programs : MeasuredBy::instrument;
  std::size_t repeated = 0;
  for (const DescribedCell& cell : run.cells) {
    const auto outcome = read_outcome(run_folder / "cells" / cell.name, run, cell);
    if (!outcome || outcome->kind != OutcomeKind::measured) continue;
    TRY_STATUS(rerun_cell(run_folder, cell.name, by, loopgate, notify));
    ++repeated;
    notify(fmt::format("{}: measured again, equal to the byte", cell.name));
  }
  return repeated;
}

}  // namespace loopgate
