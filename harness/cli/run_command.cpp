#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.h"
#include "base/place_to_write.h"
#include "base/scratch_dir.h"
#include "base/temporary_folder.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/measuring.h"
#include "cli/own_files.h"
#include "cli/own_model_options.h"
#include "cli/plan_options.h"
#include "config/catalog.h"
#include "config/own_model.h"
#include "gate/comparison_table.h"
#include "gate/verdict_text.h"
#include "run/measure_plan.h"
#include "run/run_directory.h"
#include "run/session.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct RunCommand {
  PlanRequest request;
  RunOptions options;
  OwnModel own;
  std::string out;
  bool resume = false;
};

Status check_same_files(const fs::path& made, const fs::path& kept) {
  for (const fs::directory_entry& each : fs::directory_iterator(made)) {
    const fs::path there = kept / each.path().filename();
    TRY(ours, read_file(each.path()));
    const auto theirs = read_file(there);
    if (!theirs || *theirs != ours)
      return fail(
          ErrorKind::usage,
          fmt::format("--resume: {} is not what these options make, and the run is of it", there.string()),
          "give the options that the run began with, or name another folder with --out");
  }
  return {};
}

// From here on the suite is the one with the user's own model and deadline. That of a run which has begun
// stays as it is: its cells are of it.
Status take_own_model(const Catalog& catalog, RunCommand* command) {
  if (!command->own.is_asked_for()) return {};
  const Status is_new = RunDirectory::check_new(command->out);
  if (!is_new && !command->resume) return is_new;
  TRY(suite, catalog.suite(command->request.suite));
  const fs::path kept = command->out + ".suite";
  if (is_new) {
    TRY(place, write_suite_with(command->own, suite, kept));
    command->request.suite = place.string();
    return {};
  }
  TRY(temporary, temporary_folder());
  TRY(scratch, ScratchDir::create(temporary, "suite"));
  TRY(again, write_suite_with(command->own, suite, scratch.path()));
  TRY_STATUS(check_same_files(again, kept / suite.name));
  command->request.suite = (kept / suite.name).string();
  return {};
}

// A bench that was not sound to the end blames no kernel.
int status_of(const MeasuredRun& run) {
  return run.bench_sound ? status_of_cells(run.kernel_failed, run.all_measured) : exit_invalid;
}

// The table of what was measured; the verdict is the gate's. Gives the exit status.
Result<int> print_table(MeasuredRun* run, Answer* answer) {
  TRY(statistics, compute_run_statistics(run->folder, std::move(run->figures)));
  answer->print("{}{}", comparison_table(statistics, nullptr), unconfirmed_text(statistics));
  return status_with_unreadable(unreadable_cells(statistics), status_of(*run));
}

// A shard has no table: its figures would pass for the whole's.
Result<int> print_part(const Shard& shard, const MeasuredRun& run, Answer* answer) {
  answer->print(
      "{} is in {}: {} of the run's cells, which `loopgate merge` puts together with the other shards'\n",
      shard.text(), run.folder.string(), shard.cells.size());
  return status_of(run);
}

Result<int> run(RunCommand command, Answer* answer) {
  TRY_STATUS(check_folder_place(command.out, "--out"));
  TRY(catalog, Catalog::find());
  TRY_STATUS(use_own_files(catalog, &command.request));
  TRY_STATUS(take_own_model(catalog, &command));
  TRY(made, make_plan(command.request, catalog));
  TRY_STATUS(check_options(made, command.options));
  TRY(session, prepare_session(std::move(made), catalog.root(), show_progress));
  TRY(measured,
      measure_at_terminal(&session, {command.request, command.options, command.out, command.resume}));
  const Plan& plan = session.plan;
  return plan.shard ? print_part(*plan.shard, measured, answer) : print_table(&measured, answer);
}

}  // namespace

void add_run(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<RunCommand>();
  CLI::App* sub = app->add_subcommand("run", "boot the kernels, put them under load and measure");
  sub->footer(
      "Example: loopgate run irq-to-gpio --kernel generic --kernel preempt-rt --load mixed --out "
      "runs/today\n"
      "Example: loopgate run irq-to-gpio --shard 2/8 --out runs/part-2");
  add_plan_options(sub, &command->request);
  sub->add_option("--out", command->out, "folder of the run; must not exist")->required();
  sub->add_option("--jobs", command->options.jobs,
                  "cells at a time on virtual time, where this changes no figure (default: as many as this "
                  "machine has CPUs and memory for)")
      ->check(CLI::Range(1, 256));
  sub->add_flag("--resume", command->resume, "go on with an interrupted run: finished cells are kept");
  sub->add_flag("--verify-determinism", command->options.verify_determinism,
                "measure each cell twice on virtual time; unequal samples make it INVALID");
  add_own_model_options(sub, &command->own);
  sub->callback([command, end] {
    end_when_interrupted(GoOn::with_resume);
    auto status = run(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
