#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <memory>
#include <string_view>

#include "cli/commands.h"
#include "cli/plan_options.h"
#include "cli/version.h"
#include "config/catalog.h"
#include "gate/comparison_table.h"
#include "run/kernel_in_effect.h"
#include "run/measure_plan.h"
#include "run/repeat_line.h"
#include "run/run_directory.h"
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

// As tell_progress(), in a signal handler: who does not read can't keep it from ending.
void tell_of_signal(std::string_view text) {
  pollfd watched{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&watched, 1, 0) == 0) return;
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

// Finished cells are on disk already, QEMU dies with its parent, and a place of labgrid's is given back by
// its guard: there is nothing else to do.
void on_interrupt(int) {
  tell_of_signal("\ninterrupted: finished cells are kept; go on with the same command and --resume\n");
  ::_exit(130);
}

// A board is taken back to its known-good kernel first; who asks twice leaves it as it is.
void on_interrupt_of_a_board(int signal) {
  if (stop.exchange(true)) on_interrupt(signal);
  tell_of_signal("\ninterrupted: this cell ends, then the board is taken back; again: leave it as it is\n");
}

void on_signals(void (*handler)(int)) {
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, handler);
  if (::signal(SIGHUP, handler) == SIG_IGN) ::signal(SIGHUP, SIG_IGN);  // nohup's
}

// A kernel that failed, then a bench that failed.
int status_of(const MeasuredRun& run) {
  if (!run.bench_sound) return exit_invalid;
  if (run.kernel_failed) return exit_fail;
  return run.all_measured ? exit_pass : exit_invalid;
}

// The table of what was measured; the verdict is the gate's.
Status print_table(MeasuredRun* run, Answer* answer) {
  auto statistics = compute_run_statistics(run->folder, std::move(run->figures));
  if (!statistics) return tl::unexpected(statistics.error());
  answer->print("{}", comparison_table(*statistics, nullptr));
  return {};
}

// Before minutes are spent on fetching and booting.
Status check_out(const fs::path& out) {
  std::error_code ignored;
  fs::path there = fs::absolute(out);
  while (!fs::exists(there, ignored) && there.has_relative_path()) there = there.parent_path();
  if (fs::is_directory(there, ignored) && ::access(there.c_str(), W_OK) == 0) return {};
  return fail(ErrorKind::usage,
              fmt::format("--out {}: no folder can be made in {}", out.string(), there.string()));
}

Result<int> run(const RunCommand& command, Answer* answer) {
  TRY_STATUS(check_out(command.out));
  TRY(catalog, Catalog::find());
  TRY(made, make_plan(command.request, catalog));
  TRY_STATUS(check_options(made, command.options));
  TRY(session, prepare_session(std::move(made), catalog.root(), show_progress));
  const Plan& plan = session.plan;
  for (const std::string& same : same_kernels_of(plan, session.kernels)) show_progress(same);
  MeasureRequest request{fs::absolute(command.out), command.resume, command.options, loopgate_version(),
                         command.request};
  MeasureHooks hooks;
  hooks.notify = show_progress;
  hooks.on_late_error = [](const Error& error) { report_error(error); };
  request.options.repeat_line = [&](const Cell& cell) {
    return repeat_line(program_name(), command.request, plan, cell, command.out);
  };
  if (!plan.board.is_virtual()) {
    request.options.stop = &stop;
    hooks.on_cells_begin = [] { on_signals(on_interrupt_of_a_board); };
  }
  auto measured = [&] {
    Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, plan.cells.size(),
                      PulseTrain(pulses_of(plan, plan.cells.front())).counts().planned);
    return measure_plan(&session, request, hooks, &progress);
  }();
  if (!measured) return tl::unexpected(measured.error());
  TRY_STATUS(print_table(&*measured, answer));
  return status_of(*measured);
}

}  // namespace

void add_run(CLI::App* app, CommandEnd* end) {
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
  sub->callback([command, end] {
    on_signals(on_interrupt);
    auto status = run(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
