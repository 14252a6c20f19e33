#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/version.h"
#include "hunt/hunt.h"
#include "hunt/hunt_text.h"

namespace loopgate {
namespace {

constexpr double longest_budget_s = 1e6;

// CLI11's own checks take "nan" for a number within any bounds.
std::string problem_of_budget(const std::string& text) {
  double seconds = 0;
  const bool number = CLI::detail::lexical_cast(text, seconds);
  return number && seconds > 0 && seconds <= longest_budget_s
             ? std::string()
             : fmt::format("must be seconds, above 0 and at most {:.0f}", longest_budget_s);
}

// A kernel that fails each time is the kernel's fault; one that fails once only is no run that repeats.
int status_of_hunted(const std::vector<HuntedCell>& cells) {
  int status = exit_pass;
  for (const HuntedCell& cell : cells)
    for (const HuntedFailure& each : cell.kernel_failures) {
      if (each.repeated) return exit_fail;
      status = exit_invalid;
    }
  return status;
}

Status run_hunt(const HuntRequest& request, int* exit_status, Answer* answer) {
  TRY_STATUS(check_is_run(request.run));
  TRY(cells, hunt_cells(request, loopgate_version(), show_progress));
  answer->print("{}\n{}\n", to_text(cells, request.run.string()), (request.run / hunt_file).string());
  *exit_status = status_of_hunted(cells);
  return {};
}

}  // namespace

void add_hunt(CLI::App* app, CommandEnd* end) {
  auto request = std::make_shared<HuntRequest>();
  CLI::App* sub = app->add_subcommand("hunt",
                                      "worst case of a measured run, constructed: stimuli sent at the "
                                      "moments that hurt most, where the kernel "
                                      "switches interrupts or preemption off for long");
  sub->footer(
      "Example: loopgate hunt runs/today --load mixed\n"
      "         loopgate hunt runs/today --budget 60 --jobs 2\n"
      "Each kernel and load is hunted in for the host time that its random stimuli took, unless --budget "
      "says "
      "otherwise, and both maxima are told. Latencies are measured, not computed, in virtual time: 1 ns per "
      "instruction with one CPU, 2 ns with two and so on; the worst one is sent again and must take the "
      "same.\n"
      "Exit status: 0 hunted, 1 the kernel failed in a hunted run, and again when that was repeated, 2 "
      "usage, 3 the "
      "bench.");
  sub->add_option("run", request->run, "folder of the run")->required();
  sub->add_option("--kernel", request->kernels, "a kernel of the run; may be repeated (default: each)");
  sub->add_option("--load", request->loads, "a load of the run; may be repeated (default: each)");
  sub->add_option("--cell", request->cells,
                  "a replicate instead; may be repeated: KERNEL.LOAD is the first, KERNEL.LOAD.2 the second");
  CLI::Option* budget =
      sub->add_option("--budget", request->budget_s, "seconds of host time for each kernel and load");
  budget->check(CLI::Validator(problem_of_budget, "SECONDS"));
  sub->add_option(
         "--jobs", request->jobs,
         "cells at a time (default: 1); more than there are CPUs share the host time of their budgets")
      ->check(CLI::Range(1, 256));
  sub->add_flag(
         "--repeat-failures", request->repeat_failures,
         "make the runs again in which the kernel failed, instead of hunting: their seeds and stimuli are in "
         "hunt.json")
      ->excludes(budget);
  sub->callback([request, end] {
    clear_away_when_interrupted();
    request->stop = interrupted();
    int found = exit_pass;
    const int status =
        status_after_clearing(run_hunt(*request, &found, &end->answer),
                              fmt::format("{} keeps what was found in each cell that was hunted to the end",
                                          (request->run / hunt_file).string()));
    end->exit_status = status == exit_pass ? found : status;
  });
}

}  // namespace loopgate
