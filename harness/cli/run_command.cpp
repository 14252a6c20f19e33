#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <memory>

#include "board/borrowed_place.h"
#include "cli/commands.h"
#include "cli/plan_options.h"
#include "cli/version.h"
#include "gate/comparison_table.h"
#include "record/outcome.h"
#include "run/describe_run.h"
#include "run/run_directory.h"
#include "run/runner.h"
#include "run/session.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct RunCommand {
  PlanRequest request;
  RunOptions options;
  std::string out;
  bool resume = false;
};

std::atomic<bool> stop{false};

void tell_person(const std::string& line) { fmt::print(stderr, "{}\n", line); }

// Finished cells are on disk already, QEMU dies with its parent, and a place of labgrid's is given back by
// its guard: there is nothing else to do.
void on_interrupt(int) {
  constexpr char text[] =
      "\ninterrupted: finished cells are kept; go on with the same command and --resume\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, sizeof(text) - 1);
  ::_exit(130);
}

// A board is taken back to its known-good kernel first; who asks twice leaves it as it is.
void on_interrupt_of_a_board(int signal) {
  if (stop.exchange(true)) on_interrupt(signal);
  constexpr char text[] =
      "\ninterrupted: this cell ends, then the board is taken back; again: leave it as it is\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, sizeof(text) - 1);
}

void on_signals(void (*handler)(int)) {
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, handler);
  if (::signal(SIGHUP, handler) == SIG_IGN) ::signal(SIGHUP, SIG_IGN);  // nohup's
}

// What the cells came to, as an exit status: a kernel that failed, then a bench that failed.
int status_of(const Plan& plan, const RunDirectory& directory) {
  int status = exit_pass;
  for (const Cell& cell : plan.cells) {
    const auto outcome = read_outcome(directory.folder_of(cell));
    if (outcome && outcome->kind == OutcomeKind::kernel_failed) return exit_fail;
    if (!outcome || outcome->kind != OutcomeKind::measured) status = exit_invalid;
  }
  return status;
}

struct MeasuredRun {
  fs::path run;
  int status = exit_pass;
  KnownFigures figures;
};

// The table of what was measured; the verdict is the gate's.
Status print_table(MeasuredRun* run) {
  auto statistics = compute_run_statistics(run->run, std::move(run->figures));
  if (!statistics) return tl::unexpected(statistics.error());
  fmt::print("{}", comparison_table(*statistics, nullptr));
  return {};
}

// Gives whether the bench was sound to the end; the virtual one is.
Result<bool> run_all(const Bench& bench, const RunDirectory& directory, RunOptions options) {
  const Plan& plan = bench.plan;
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, plan.cells.size(),
                    PulseTrain(pulses_of(plan, plan.cells.front())).counts().planned);
  const std::unique_ptr<Machine> machine =
      bench.machine([&](const std::string& line) { progress.note(line); });
  if (plan.board.boot) {
    options.stop = &stop;
    on_signals(on_interrupt_of_a_board);
    return run_cells_on_board(plan, bench.kernels, bench.target, machine.get(), directory, options,
                              &progress);
  }
  auto done = run_cells(plan, bench.kernels, bench.target, machine.get(), directory, options, &progress);
  if (!done) return tl::unexpected(done.error());
  return true;
}

Result<MeasuredRun> measure(const Bench& bench, const RunCommand& command) {
  const RunRecord description =
      describe_run(bench.plan, command.request, bench.kernels, bench.target, describe_machine(bench),
                   command.options.jobs, loopgate_version());
  auto directory = RunDirectory::open(fs::absolute(command.out), description, command.resume);
  if (!directory) return tl::unexpected(directory.error());
  const auto sound = run_all(bench, *directory, command.options);
  if (!sound) return tl::unexpected(sound.error());
  const int status = status_of(bench.plan, *directory);
  return MeasuredRun{directory->path(), *sound ? status : exit_invalid, directory->take_kept()};
}

// On a board that labgrid hands out, for as long as it is measured and no longer. One that was somebody
// else's before the end is no sound bench.
Result<MeasuredRun> measure_borrowed(Bench* bench, const LabBoard& lab, const RunCommand& command) {
  auto place = BorrowedPlace::borrow(lab, tell_person);
  if (!place) return tl::unexpected(place.error());
  bench->plan.lab = (*place)->board();
  tell_person(fmt::format("labgrid's place {} is ours: {}", (*place)->place().place, (*place)->board().ssh));
  auto measured = measure(*bench, command);
  if (auto given = (*place)->give_back(); !given) {
    told(given.error());
    if (measured && measured->status == exit_pass) measured->status = exit_invalid;
  }
  return measured;
}

Result<int> run(const RunCommand& command) {
  auto bench = prepare_bench(command.request, tell_person);
  if (!bench) return tl::unexpected(bench.error());
  const Plan& plan = bench->plan;
  if (auto good = check_options(plan, command.options); !good) return tl::unexpected(good.error());
  auto measured = plan.lab && plan.lab->labgrid ? measure_borrowed(&*bench, LabBoard(*plan.lab), command)
                                                : measure(*bench, command);
  if (!measured) return tl::unexpected(measured.error());
  if (auto printed = print_table(&*measured); !printed) return tl::unexpected(printed.error());
  return measured->status;
}

}  // namespace

void add_run(CLI::App* app, int* exit_status) {
  auto command = std::make_shared<RunCommand>();
  CLI::App* sub = app->add_subcommand("run", "boot the kernels, put them under load and measure");
  sub->footer(
      "Example: loopgate run irq-to-gpio --kernel generic --kernel preempt-rt --load mixed --jobs 2 --out "
      "runs/today");
  add_plan_options(sub, &command->request);
  sub->add_option("--out", command->out, "folder of the run; must not exist")->required();
  sub->add_option("--jobs", command->options.jobs,
                  "cells at a time on virtual time, where this changes no figure")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  sub->add_flag("--resume", command->resume, "go on with an interrupted run: finished cells are kept");
  sub->add_flag("--verify-determinism", command->options.verify_determinism,
                "measure each cell twice on virtual time; unequal samples make it INVALID");
  sub->callback([command, exit_status] {
    on_signals(on_interrupt);
    // Who reads along may leave; the run goes on. No SIG_IGN, which the programs that it starts would
    // inherit.
    ::signal(SIGPIPE, [](int) {});
    auto status = run(*command);
    *exit_status = status ? *status : told(status.error());
  });
}

}  // namespace loopgate
