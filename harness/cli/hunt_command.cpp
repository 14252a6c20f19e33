#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/version.h"
#include "hunt/hunt.h"
#include "hunt/hunt_text.h"
#include "record/derived_files.h"

namespace loopgate {
namespace {

Status run_hunt(const HuntRequest& request, Answer* answer) {
  TRY_STATUS(check_is_run(request.run));
  const auto remove = [&] { return remove_hunt(request.run); };
  TRY(cells, without_earlier(hunt_cells(request, loopgate_version(), show_progress), remove));
  answer->print("{}\n", to_text(cells));
  TRY(path, write_hunt(request.run, cells));
  answer->print("{}\n", path.string());
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
      "         loopgate hunt runs/today --kernel preempt-rt --budget 60\n"
      "Each kernel and load is hunted in for the host time that its random stimuli took, unless --budget "
      "says "
      "otherwise, and both maxima are told. Latencies are measured, not computed, in virtual time: 1 ns per "
      "instruction; the worst one is sent again and must take the same.");
  sub->add_option("run", request->run, "folder of the run")->required();
  sub->add_option("--kernel", request->kernels, "a kernel of the run; may be repeated (default: each)");
  sub->add_option("--load", request->loads, "a load of the run; may be repeated (default: each)");
  sub->add_option("--cell", request->cells,
                  "a replicate instead; may be repeated: KERNEL.LOAD is the first, KERNEL.LOAD.2 the second");
  sub->add_option("--budget", request->budget_s, "seconds of host time for each kernel and load")
      ->check(CLI::PositiveNumber);
  sub->callback([request, end] {
    auto done = run_hunt(*request, &end->answer);
    end->exit_status = done ? exit_pass : report_error(done.error());
  });
}

}  // namespace loopgate
