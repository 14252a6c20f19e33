#include "run/measure_plan.h"

#include <fmt/format.h>

#include "board/borrowed_place.h"
#include "record/outcome.h"
#include "run/board_run.h"
#include "run/jobs.h"
#include "run/run_directory.h"
#include "run/shard.h"

namespace loopgate {
namespace {

void add_outcomes(const Plan& plan, const RunDirectory& directory, MeasuredRun* run) {
  for (const Cell& cell : plan.cells) {
    const auto outcome = directory.outcome_of(cell);
    run->kernel_failed = run->kernel_failed || (outcome && outcome->kind == OutcomeKind::kernel_failed);
    run->all_measured = run->all_measured && outcome && outcome->kind == OutcomeKind::measured;
  }
}

Result<MeasuredRun> measure(const Session& session, const MeasureRequest& request, const MeasureHooks& hooks,
                            Progress* progress) {
  RunOptions options = request.options;
  options.jobs = jobs_for(session.plan, options);  // once: what is told is what is done
  const RunRecord description = session.describe(request.plan_request, *options.jobs, request.loopgate);
  TRY(directory, RunDirectory::open(request.folder, description, request.resume));
  const std::unique_ptr<Machine> machine =
      session.machine([&](const std::string& line) { progress->note(line); });
  if (hooks.on_cells_begin) hooks.on_cells_begin();
  MeasuredRun run;
  run.folder = directory.path();
  const Plan plan = own_part(session.plan);
  if (plan.board.is_virtual()) {
    TRY_STATUS(run_cells(plan, session.kernels, session.target, machine.get(), directory, options, progress));
  } else {
    TRY(sound, run_cells_on_board(plan, session.kernels, session.target, machine.get(), directory, options,
                                  progress));
    run.bench_sound = sound;
  }
  add_outcomes(plan, directory, &run);
  run.figures = directory.take_kept();
  return run;
}

}  // namespace

Result<MeasuredRun> measure_plan(Session* session, const MeasureRequest& request, const MeasureHooks& hooks,
                                 Progress* progress) {
  TRY_STATUS(check_options(session->plan, request.options));
  if (session->plan.board.is_virtual() || !session->plan.lab.labgrid)
    return measure(*session, request, hooks, progress);
  TRY(place, BorrowedPlace::borrow(session->plan.lab, hooks.notify));
  session->plan.lab = place->board();
  if (hooks.notify)
    hooks.notify(fmt::format("acquired labgrid's place {}: {}", place->place().place, place->board().ssh));
  auto run = measure(*session, request, hooks, progress);
  // A place that became somebody else's before the end is not a sound bench.
  if (auto given = place->give_back(); !given) {
    if (run) run->bench_sound = false;
    if (hooks.on_late_error) hooks.on_late_error(given.error());
  }
  return run;
}

}  // namespace loopgate
