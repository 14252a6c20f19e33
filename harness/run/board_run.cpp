#include "run/board_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "record/bench_health.h"
#include "run/health.h"

namespace loopgate {

namespace {

struct BoardRun {
  const Plan& plan;
  const std::vector<KernelFiles>& kernels;
  const TargetImage& target;
  Machine* machine;
  const RunDirectory& directory;
  const RunOptions& options;
  Progress* progress;
  Plan health;  // cells 0, before, and 1, after
};

// Why the bench is broken; empty when it is sound.
Result<std::string> look_at_bench(const BoardRun& run, std::size_t which) {
  return check_health(run.health, run.health.cells[which], run.target, run.machine, run.directory,
                      run.progress);
}

bool all_finished(const BoardRun& run) {
  return std::ranges::all_of(run.plan.cells,
                             [&](const Cell& cell) { return run.directory.is_finished(cell); });
}

Status refuse_broken_bench(const BoardRun& run, const std::string& broken) {
  TRY_STATUS(blame_no_kernel(run.directory, run.plan.cells,
                             "the bench is broken: on the known-good kernel, " + broken));
  return fail(ErrorKind::infrastructure,
              "the bench is broken, and no candidate was booted: on the known-good kernel, " + broken,
              fmt::format("loopgate doctor --board {}; see {}", run.plan.board.name,
                          health_folder(run.directory.path(), "before").string()));
}

// Whether the bench is still sound.
Result<bool> look_after_the_last_cell(const BoardRun& run) {
  if (run.options.is_stopped()) {
    TRY_STATUS(mark_kernel_failures_invalid(run.directory, run.plan.cells,
                                            "the run was interrupted before the bench was looked at again"));
    return fail(ErrorKind::infrastructure, "the run was interrupted", "go on with --resume");
  }
  TRY(broken, look_at_bench(run, 1));
  if (broken.empty()) return true;
  TRY_STATUS(blame_no_kernel(
      run.directory, run.plan.cells,
      fmt::format("the bench is broken (on the known-good kernel, {}), which explains this as well",
                  broken)));
  return false;
}

// Of a place that became somebody else's before the end: what was measured last may be of their doing, and so
// may the check after it.
Status distrust_bench(const BoardRun& run, const Error& why) {
  TRY_STATUS(blame_no_kernel(run.directory, run.plan.cells, why.what));
  return forget_health(run.directory, run.health.cells[1]);
}

Result<bool> measure_all(const BoardRun& run) {
  TRY_STATUS(run.directory.begin());
  TRY_STATUS(forget_health(run.directory, run.health.cells[1]));
  TRY(broken, look_at_bench(run, 0));
  if (!broken.empty()) TRY_STATUS(refuse_broken_bench(run, broken));
  TRY_STATUS(
      run_cells(run.plan, run.kernels, run.target, run.machine, run.directory, run.options, run.progress));
  return look_after_the_last_cell(run);
}

}  // namespace

Result<bool> run_cells_on_board(const Plan& plan, const std::vector<KernelFiles>& kernels,
                                const TargetImage& target, Machine* machine, const RunDirectory& directory,
                                const RunOptions& options, Progress* progress,
                                const std::function<Status()>& give_back) {
  const BoardRun run{plan, kernels, target, machine, directory, options, progress, health_plan(plan)};
  // Only a look at the bench after the last cell ends a run: without it, no kernel can be blamed.
  if (all_finished(run) && was_sound(directory, run.health.cells[1])) return true;
  auto sound = measure_all(run);
  const Status back = machine->finish();
  if (const Status given = give_back ? give_back() : Status(); !given) {
    TRY_STATUS(distrust_bench(run, given.error()));
    if (sound) sound = false;
  }
  if (back) return sound;
  if (sound) return tl::unexpected(back.error());
  // A board that is not back needs somebody now; what else went wrong can wait.
  return fail(back.error().kind, back.error().what + "; and before that: " + sound.error().what,
              back.error().next_step);
}

}  // namespace loopgate
