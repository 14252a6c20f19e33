#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "capture/bounds_run.h"
#include "capture/export_run.h"
#include "cli/commands.h"
#include "cli/one_of.h"
#include "cli/version.h"
#include "gate/comparison_table.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

const std::map<std::string, ExportForm> forms = {{"cyclictest-json", ExportForm::cyclictest_json},
                                                 {"histfile", ExportForm::histfile},
                                                 {"csv", ExportForm::csv}};

struct StatsCommand {
  std::string run;
  std::string form;
  ExportRequest request;
};

Result<int> export_into(const StatsCommand& command, Answer* answer) {
  ExportRequest request = command.request;
  request.form = forms.at(command.form);
  request.from = command.run;
  request.version = loopgate_version().version;
  TRY(exported, export_run(request));
  for (const std::string& each : exported.lost)
    tell(stderr, fmt::format("loopgate: not in the export: {}\n", printable(each)));
  answer->print("{}", exported.text);
  return status_with_unreadable(exported.unreadable, exit_pass);
}

Result<int> stats(const StatsCommand& command, Answer* answer) {
  if (!command.form.empty()) return export_into(command, answer);
  if (!command.request.kernel.empty() || !command.request.load.empty())
    return fail(ErrorKind::usage, "--kernel and --load choose what --export gives",
                "name a form with --export");
  if (holds_bounds(command.run)) {
    TRY(measured, compute_bounds(command.run));
    answer->print("{}", bounds_text(measured, nullptr));
    return exit_pass;
  }
  TRY_STATUS(check_is_run(command.run));
  tell_of_cells_beside(command.run);
  TRY(statistics, compute_run_statistics(command.run));
  answer->print("{}", comparison_table(statistics, nullptr));
  return status_with_unreadable(unreadable_cells(statistics), exit_pass);
}

}  // namespace

void add_stats(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<StatsCommand>();
  CLI::App* sub = app->add_subcommand(
      "stats",
      "exact statistics from the raw samples: summary.json, comparison.json; of bounds, bounds.json");
  sub->footer(
      "Example: loopgate stats runs/today\n"
      "Example: loopgate stats --export csv runs/today > latencies.csv\n"
      "Example: loopgate stats --export cyclictest-json runs/today --kernel preempt-rt --load mixed > "
      "out.json");
  sub->add_option(
         "run", command->run,
         "folder of the run, of a latmon measurement, or of imported files; with --export also a file "
         "of cyclictest, rtla, rteval, jitterdebugger or OSADL")
      ->required();
  sub->add_option(
         "--export", command->form,
         "print the latencies instead, in a form that other people's plots and databases read; what it "
         "has no place for is told")
      ->check(one_of({"cyclictest-json", "histfile", "csv"}));
  sub->add_option("--kernel", command->request.kernel, "with --export: of this kernel alone");
  sub->add_option("--load", command->request.load, "with --export: under this load alone");
  sub->callback([command, end] {
    auto status = stats(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
