#include "run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <thread>

#include "machine/loopback_request.h"
#include "record/bench_health.h"
#include "run/cell_runner.h"
#include "run/health.h"

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

bool is_stopped(const RunOptions& options) { return options.stop != nullptr && options.stop->load(); }

}  // namespace

CellRequest order_for(const Plan& plan, const Cell& cell, const std::optional<KernelFiles>& kernel,
                      const TargetImage& target, const fs::path& folder) {
  CellRequest order;
  order.cell = cell.name;
  order.boot = boot_of(plan, cell);
  order.folder = folder;
  order.kernel = kernel;
  order.target = kernel && kernel->target ? *kernel->target : target;
  order.kernel_arguments = plan.kernels[cell.kernel].arguments;
  order.job = job_of(plan, cell);
  order.files = plan.suite.payload.files;
  order.records = plan.suite.decisions.has_value();
  order.stamps = !plan.board.is_virtual() && !plan.suite.payload.stamps.empty();
  order.pulses = pulses_of(plan, cell);
  order.loopback_measures = plan.suite.loopback;
  order.storm_per_second = plan.loads[cell.load].storm.per_second;
  // The agent holds each to its own limit; this one is for an agent that is not heard of at all.
  const Load& load = plan.loads[cell.load];
  const std::int64_t ready_ms = 10'000 +
                                part_ready_timeout_ms * static_cast<std::int64_t>(load.parts.size()) +
                                load.settle_ms + plan.suite.payload.ready_timeout_ms +
                                (measured_on_board(plan.suite, plan.board) ? loopback_check_within_ms : 0);
  order.ready_limit_ns = ready_ms * 1'000'000;
  return order;
}

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
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  Status first_failure;
  const auto carry_out = [&](const Cell& cell) -> Status {
    if (directory.is_finished(cell, options.verify_determinism)) {
      progress->skipped(fmt::format("{}: finished by an earlier run", cell.name));
      return {};
    }
    const CellRequest order = order_for(plan, cell, kernels[cell.kernel], target, directory.folder_of(cell));
    std::error_code ignored;
    fs::remove_all(order.folder, ignored);
    const ProgressListener observe = [&](Stage stage, const InstrumentEvent& event) {
      progress->observe(cell.name, stage, event);
    };
    std::optional<CellFigures> figures;
    Outcome outcome = run_cell(machine, plan, cell, order, observe, &figures);
    if (options.verify_determinism) verify_determinism(machine, plan, cell, order, observe, &outcome);
    progress->finished(cell.name, progress_line(cell, outcome, options));
    if (figures && outcome.kind == OutcomeKind::measured) directory.keep(cell, std::move(*figures));
    return write_outcome(order.folder, outcome);
  };
  const auto work = [&] {
    for (std::size_t i = next++; i < plan.cells.size() && !is_stopped(options); i = next++) {
      Status done;
      try {  // nothing of ours throws for an expected failure; a library may, and must not take the other
             // cells with it
        done = carry_out(plan.cells[i]);
      } catch (const std::exception& error) {
        done = fail(ErrorKind::infrastructure, fmt::format("cell {}: {}", plan.cells[i].name, error.what()));
      }
      const std::lock_guard guard(mutex);
      if (!done && first_failure) first_failure = done;
    }
  };
  std::vector<std::jthread> workers;
  for (int job = 1; job < options.jobs; ++job) workers.emplace_back(work);
  work();
  workers.clear();  // joins
  return first_failure;
}

Result<bool> run_cells_on_board(const Plan& plan, const std::vector<KernelFiles>& kernels,
                                const TargetImage& target, Machine* machine, const RunDirectory& directory,
                                const RunOptions& options, Progress* progress) {
  std::vector<Cell> open;
  std::ranges::copy_if(plan.cells, std::back_inserter(open),
                       [&](const Cell& cell) { return !directory.is_finished(cell); });
  const Plan health = health_plan(plan);
  // Only a look at the bench after the last cell ends a run: without it, no kernel can be blamed.
  if (open.empty() && was_sound(directory, health.cells[1])) return true;
  const auto check = [&](std::size_t which) {
    return check_health(health, health.cells[which], target, machine, directory, progress);
  };
  const auto measure_all = [&]() -> Result<bool> {
    forget_health(directory, health.cells[1]);
    auto broken = check(0);
    if (!broken) return tl::unexpected(broken.error());
    if (!broken->empty()) {
      if (auto done = mark_kernel_failures_invalid(
              directory, plan.cells, "the bench is broken: on the known-good kernel, " + *broken);
          !done)
        return tl::unexpected(done.error());
      return fail(ErrorKind::infrastructure,
                  "the bench is broken, and no candidate was booted: on the known-good kernel, " + *broken,
                  fmt::format("loopgate doctor --board {}; see {}", plan.board.name,
                              health_folder(directory.path(), "before").string()));
    }
    if (auto done = run_cells(plan, kernels, target, machine, directory, options, progress); !done)
      return tl::unexpected(done.error());
    const bool stopped = is_stopped(options);
    if (!stopped) {
      broken = check(1);
      if (!broken) return tl::unexpected(broken.error());
      if (broken->empty()) return true;
    }
    const std::string reason =
        stopped
            ? "the run was interrupted before the bench was looked at again"
            : fmt::format("the bench is broken (on the known-good kernel, {}), which explains this as well",
                          *broken);
    if (auto done = mark_kernel_failures_invalid(directory, plan.cells, reason); !done)
      return tl::unexpected(done.error());
    if (stopped) return fail(ErrorKind::infrastructure, "the run was interrupted", "go on with --resume");
    return false;
  };
  const auto sound = measure_all();
  const Status back = machine->finish();
  if (back) return sound;
  if (sound) return tl::unexpected(back.error());
  // A board that is not back needs somebody now; what else went wrong can wait.
  return fail(back.error().kind, back.error().what + "; and before that: " + sound.error().what,
              back.error().next_step);
}

}  // namespace loopgate
