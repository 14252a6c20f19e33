#include "accept/rerun.h"

#include <fmt/format.h>

#include "record/outcome.h"
#include "run/replay.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

std::string emulator_of(const MachineRecord& machine) {
  const auto* qemu = std::get_if<QemuMachineRecord>(&machine);
  if (qemu == nullptr) return "no QEMU";
  return fmt::format("QEMU {} (sha256 {:.12}, instrument {:.12})", qemu->version, qemu->binary_sha256,
                     qemu->instrument_sha256);
}

Status rerun_cell(const fs::path& run_folder, const std::string& cell, MeasuredBy by,
                  const LoopgateVersion& loopgate, const Notify& notify, Rerun* all) {
  TRY(replay, Replay::open(run_folder, cell, loopgate, notify, nullptr, by, Again::to_compare));
  const std::string here = emulator_of(replay.machine());
  const std::string there = emulator_of(replay.measured().run.machine);
  TRY(run, replay.run(replay.request(), {}));
  TRY(difference, replay.difference(replay.request(), run));
  if (!difference.empty())
    return fail(
        ErrorKind::data,
        fmt::format("cell {} gives other samples when it is measured again: {} (measured with {}, and "
                    "here with {})",
                    cell, difference, there, here),
        "sign nothing; ask who made the bundle where it was measured");
  ++all->repeated;
  all->machines_there.insert(there);
  all->machines_here.insert(here);
  return {};
}

}  // namespace

Result<Rerun> rerun(const fs::path& run_folder, const LoopgateVersion& loopgate, const Notify& notify) {
  TRY(run, read_run_record(run_folder));
  if (run.time_base != TimeBase::virtual_time)
    return fail(ErrorKind::usage,
                "--rerun: the run is in wall-clock time, which never repeats to the nanosecond",
                "leave --rerun out; only what was measured on the virtual bench can be measured again");
  const MeasuredBy by = run.has_programs_alone() ? MeasuredBy::programs : MeasuredBy::instrument;
  Rerun all;
  for (const DescribedCell& cell : run.cells) {
    const auto outcome = read_outcome(run_folder / "cells" / cell.name, run, cell);
    if (!outcome || outcome->kind != OutcomeKind::measured) {
      all.not_measured.push_back(
          fmt::format("{}: {}", cell.name, outcome ? outcome->reason : outcome.error().what));
      continue;
    }
    TRY_STATUS(rerun_cell(run_folder, cell.name, by, loopgate, notify, &all));
    notify(fmt::format("{}: measured again, equal to the byte", cell.name));
  }
  return all;
}

}  // namespace loopgate
