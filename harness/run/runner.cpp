#include "run/runner.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "run/cell_request.h"
#include "run/cell_runner.h"

namespace loopgate {
namespace {

std::string boot_of(const Outcome& outcome) {
  if (outcome.boot_s <= 0) return {};
  return fmt::format(" (after {:.1f} s of boot{})", outcome.boot_s,
                     outcome.discarded_state.empty() ? "" : ", since the saved state had failed");
}

const char* measured_noun(const Outcome& outcome) {
  const bool one = outcome.records == 1;
  if (outcome.sha256_of(samples_artifact).empty()) return one ? "program" : "programs";
  return one ? "record" : "records";
}

std::string progress_line(const Cell& cell, const Outcome& outcome, const RunOptions& options) {
  if (outcome.kind == OutcomeKind::measured)
    return fmt::format("{}: measured{}, {} {} in {:.1f} s{}", cell.name,
                       outcome.verified_determinism ? " twice, equal to the byte" : "", outcome.records,
                       measured_noun(outcome), outcome.total_s, boot_of(outcome));
  std::string line =
      fmt::format("{}: {}: {}", cell.name,
                  outcome.kind == OutcomeKind::kernel_failed ? "KERNEL FAILED" : "INVALID", outcome.reason);
  if (!outcome.next_step.empty()) line += "\n  -> " + outcome.next_step;
  if (options.repeat_line) line += "\n  -> this cell alone: " + options.repeat_line(cell);
  return line;
}

// What the workers of a run share.
struct Shared {
  const Plan& plan;
  const std::vector<KernelFiles>& kernels;
  const TargetImage& target;
  Machine* machine;
  const RunDirectory& directory;
  const RunOptions& options;
  Progress* progress;
  std::atomic<std::size_t> next{0};
  std::mutex mutex{};
  Status first_failure{};
};

Status carry_out(const Shared& shared, const Cell& cell) {
  if (shared.directory.is_finished(cell, shared.options.verify_determinism)) {
    shared.progress->skipped(fmt::format("{}: finished by an earlier run", cell.name));
    return {};
  }
  const CellRequest request = request_for(shared.plan, cell, shared.kernels[cell.kernel], shared.target,
                                          shared.directory.folder_of(cell));
  // A cell that did not repeat is not made sound by measuring it once.
  std::error_code ignored;
  const bool verify = shared.options.verify_determinism ||
                      std::filesystem::exists(request.folder / second_run_folder, ignored);
  TRY_STATUS(shared.directory.begin(cell));
  if (verify)
    TRY_STATUS(make_directories(request.folder / second_run_folder));  // else a kill would forget it
  const ProgressListener on_progress = [&](Stage stage, const InstrumentEvent& event) {
    shared.progress->update(cell.name, stage, event);
  };
  std::optional<CellFigures> figures;
  Outcome outcome = run_cell(shared.machine, shared.plan, cell, request, on_progress, &figures);
  if (verify) verify_determinism(shared.machine, shared.plan, cell, request, on_progress, &outcome);
  // Nothing was repeated of a kernel that failed.
  if (outcome.kind == OutcomeKind::kernel_failed)
    std::filesystem::remove(request.folder / second_run_folder, ignored);
  shared.progress->finished(cell.name, progress_line(cell, outcome, shared.options));
  if (figures && outcome.kind == OutcomeKind::measured) shared.directory.keep(cell, std::move(*figures));
  return shared.directory.finish(cell, outcome);
}

// Takes one cell after the other until none is left.
void run_worker(Shared* shared) {
  const std::vector<Cell>& cells = shared->plan.cells;
  for (std::size_t i = shared->next++; i < cells.size() && !shared->options.is_stopped();
       i = shared->next++) {
    Status done;
    try {  // nothing of ours throws for an expected failure; a library may, and must not take the other
           // cells with it
      done = carry_out(*shared, cells[i]);
    } catch (const std::exception& error) {
      done = fail(ErrorKind::infrastructure, fmt::format("cell {}: {}", cells[i].name, error.what()));
    }
    const std::lock_guard guard(shared->mutex);
    if (!done && shared->first_failure) shared->first_failure = done;
  }
}

}  // namespace

Status check_options(const Plan& plan, const RunOptions& options) {
  if (plan.board.is_virtual()) return {};
  if (options.jobs.value_or(1) > 1)
    return fail(
        ErrorKind::usage,
        fmt::format("board {} is one machine: its cells are measured one after the other", plan.board.name),
        "leave --jobs out");
  if (options.verify_determinism)
    return fail(
        ErrorKind::usage,
        fmt::format("board {} is in wall-clock time, which never repeats to the nanosecond", plan.board.name),
        "leave --verify-determinism out; --repeat boots and measures each cell several times");
  return {};
}

Status run_cells(const Plan& plan, const std::vector<KernelFiles>& kernels, const TargetImage& target,
                 Machine* machine, const RunDirectory& directory, const RunOptions& options,
                 Progress* progress) {
  Shared shared{plan, kernels, target, machine, directory, options, progress};
  std::vector<std::jthread> workers;
  for (int job = 1; job < options.jobs.value_or(1); ++job)
    workers.emplace_back([&shared] { run_worker(&shared); });
  run_worker(&shared);
  workers.clear();  // joins
  return shared.first_failure;
}

}  // namespace loopgate
