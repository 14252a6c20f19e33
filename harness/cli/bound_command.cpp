#include <CLI/CLI.hpp>
#include <memory>

#include "analysis/bound_cells.h"
#include "analysis/bound_text.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/version.h"
#include "record/derived_files.h"

namespace loopgate {
namespace {

Status run_bound(const SectionsRequest& request, Answer* answer) {
  TRY_STATUS(check_is_run(request.run));
  const auto remove = [&] { return forget_bounds(request); };
  TRY(bounds,
      without_earlier(bound_cells(request, loopgate_version(), show_progress), unless_interrupted(remove)));
  answer->print("{}\n", to_text(bounds.cells));
  TRY(path, write_worst_cases(request.run, worst_cases_of(bounds)));
  answer->print("{}\n", path.string());
  return {};
}

}  // namespace

void add_bound(CLI::App* app, CommandEnd* end) {
  auto request = std::make_shared<SectionsRequest>();
  CLI::App* sub = app->add_subcommand(
      "bound",
      "worst case of a measured run, composed instead of sampled: the longest windows with interrupts and "
      "preemption off, one behind the other, and which function each is of. Makes the run again and records "
      "it");
  sub->footer(
      "Example: loopgate bound runs/today --load mixed\n"
      "         loopgate gate runs/today --policy suites/irq-to-gpio/worst-case.toml\n"
      "The first replicate of each kernel and load is recorded, unless --cell names others. It is a bound "
      "for "
      "the code that ran under these loads, and says nothing of code that did not. A policy limits bound_us, "
      "longest_irq_off_us and longest_preempt_off_us; `loopgate report` marks the bound in the histogram.");
  sub->add_option("run", request->run, "folder of the run")->required();
  sub->add_option("--kernel", request->kernels, "a kernel of the run; may be repeated (default: each)");
  sub->add_option("--load", request->loads, "a load of the run; may be repeated (default: each)");
  sub->add_option("--cell", request->cells,
                  "a replicate instead; may be repeated: KERNEL.LOAD is the first, KERNEL.LOAD.2 the second");
  sub->callback([request, end] {
    clear_away_when_interrupted();
    request->stop = interrupted();
    end->exit_status = status_after_clearing(run_bound(*request, &end->answer),
                                             "earlier bounds are kept, and nothing of this call");
  });
}

}  // namespace loopgate
