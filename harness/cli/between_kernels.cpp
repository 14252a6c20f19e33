#include "cli/between_kernels.h"

#include <unistd.h>

#include "base/process.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/plan_options.h"
#include "cli/version.h"

namespace loopgate {
namespace {

constexpr std::chrono::seconds draw_beside_limit{600};

}  // namespace

void add_between_options(CLI::App* app, PlanRequest* plan, RunOptions* options) {
  add_plan_options(app, plan);
  for (const char* option : {"--kernel", "--program", "--repetition", "--shard", "--probe"})
    app->remove_option(app->get_option(option));
  app->add_option("--jobs", options->jobs,
                  "cells at a time on virtual time, where this changes no figure (default: as many as this "
                  "machine has CPUs and memory for)")
      ->check(CLI::Range(1, 256));
}

KernelBench bench_at_terminal(const PlanRequest& plan, Policy policy, RunOptions options,
                              const Catalog& catalog) {
  options.stop = interrupted();
  MeasureHooks hooks;
  hooks.notify = show_progress;
  hooks.on_late_error = [](const Error& error) { report_error(error); };
  hooks.on_cells_begin = [] { end_when_interrupted(GoOn::by_the_same_command); };
  return KernelBench(BenchSetup{plan, std::move(policy), std::move(options), loopgate_version()}, catalog,
                     std::move(hooks), ::isatty(STDERR_FILENO) != 0);
}

std::string draw_beside(const Catalog& catalog, const char* script, const std::filesystem::path& folder,
                        const char* data) {
  const std::filesystem::path page = folder / "report" / "index.html";
  std::error_code ignored;
  std::filesystem::remove(page, ignored);
  const auto drawn =
      run_program({(catalog.root() / "reports" / script).string(), "--out", (folder / "report").string(),
                   "--", (folder / data).string()},
                  draw_beside_limit, [](const std::string& line) { tell(stderr, line + "\n"); });
  if (!drawn) report_error(drawn.error());
  return drawn && drawn->exit_status == 0 ? page.string() + "\n" : std::string();
}

}  // namespace loopgate
