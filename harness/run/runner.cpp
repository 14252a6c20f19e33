#include "run/runner.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "run/cell_request.h"
#include "run/cell_runner.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

std::string progress_line(const Cell& cell, const Outcome& outcome, const RunOptions& options) {
  if (outcome.kind == OutcomeKind::measured)
    return fmt::format("{}: measured, {} records in {:.1f} s{}", cell.name, outcome.records, outcome.total_s,
                       outcome.boot_s > 0 ? fmt::format(" (after {:.1f} s of boot)", outcome.boot_s) : "");
  std::string line =
      fmt::format("{}: {}: {}", cell.name,
                  outcome.kind == OutcomeKind::kernel_failed ? "KERNEL FAILED" : "INVALID", outcome.reason);
  if (!outcome.next_step.empty()) line += "\n  -> " + outcome.next_step;
  if (options.repeat_line) line += "\n  -> this cell alone: " + options.repeat_line(cell);
  return line;
}

// What the workers of a run share.
struct Work {
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

Status carry_out(const Work& work, const Cell& cell) {
  if (work.directory.is_finished(cell, work.options.verify_determinism)) {
    work.progress->skipped(fmt::format("{}: finished by an earlier run", cell.name));
    return {};
  }
  const CellRequest request =
      request_for(work.plan, cell, work.kernels[cell.kernel], work.target, work.directory.folder_of(cell));
  std::error_code ignored;
  fs::remove_all(request.folder, ignored);
  const ProgressListener on_progress = [&](Stage stage, const InstrumentEvent& event) {
    work.progress->update(cell.name, stage, event);
  };
  std::optional<CellFigures> figures;
  Outcome outcome = run_cell(work.machine, work.plan, cell, request, on_progress, &figures);
  if (work.options.verify_determinism)
    verify_determinism(work.machine, work.plan, cell, request, on_progress, &outcome);
  work.progress->finished(cell.name, progress_line(cell, outcome, work.options));
  if (figures && outcome.kind == OutcomeKind::measured) work.directory.keep(cell, std::move(*figures));
  return write_outcome(request.folder, outcome);
}

// Takes one cell after the other until none is left.
void run_worker(Work* work) {
  const std::vector<Cell>& cells = work->plan.cells;
  for (std::size_t i = work->next++; i < cells.size() && !work->options.is_stopped(); i = work->next++) {
    Status done;
    try {  // nothing of ours throws for an expected failure; a library may, and must not take the other
           // cells with it
      done = carry_out(*work, cells[i]);
    } catch (const std::exception& error) {
      done = fail(ErrorKind::infrastructure, fmt::format("cell {}: {}", cells[i].name, error.what()));
    }
    const std::lock_guard guard(work->mutex);
    if (!done && work->first_failure) work->first_failure = done;
  }
}

}  // namespace

Status check_options(const Plan& plan, const RunOptions& options) {
  if (plan.board.is_virtual()) return {};
  if (options.jobs > 1)
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
  Work work{plan, kernels, target, machine, directory, options, progress};
  std::vector<std::jthread> workers;
  for (int job = 1; job < options.jobs; ++job) workers.emplace_back([&work] { run_worker(&work); });
  run_worker(&work);
  workers.clear();  // joins
  return work.first_failure;
}

}  // namespace loopgate
