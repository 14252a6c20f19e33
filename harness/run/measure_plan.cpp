#include "run/measure_plan.h"

#include <fmt/format.h>

#include "board/borrowed_place.h"
#include "record/outcome.h"
#include "run/board_run.h"
#include "run/cells_at_a_time.h"
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
                            const std::function<Status()>& give_back, Progress* progress) {
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
                                  progress, give_back));
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
    return measure(*session, request, hooks, {}, progress);
  TRY(place, BorrowedPlace::borrow(session->plan.lab, hooks.notify));
  session->plan.lab = place->board();
  if (hooks.notify)
    hooks.notify(fmt::format("acquired labgrid's place {}: {}", place->place().place, place->board().ssh));
  bool given_back = false;
  const auto give_back = [&] {
    given_back = true;
    Status given = place->give_back();
    if (!given && hooks.on_late_error) hooks.on_late_error(given.error());
    return given;
  };
  auto run = measure(*session, request, hooks, give_back, progress);
  if (!given_back) (void)give_back();  // of no cell of this call's
  return run;
}

}  // namespace loopgate
