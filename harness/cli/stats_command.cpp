#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "capture/bounds_run.h"
#include "cli/commands.h"
#include "gate/comparison_table.h"
#include "stats/stats_run.h"

namespace loopgate {

void add_stats(CLI::App* app, CommandEnd* end) {
  auto run = std::make_shared<std::string>();
  CLI::App* sub =
      app->add_subcommand("stats", "exact statistics from the raw samples: summary.json, comparison.json");
  sub->footer("Example: loopgate stats runs/today");
  sub->add_option("run", *run, "folder of the run")->required();
  sub->callback([run, end] {
    if (holds_bounds(*run)) {
      auto measured = compute_bounds(*run);
      if (measured) end->answer.print("{}", bounds_text(*measured, nullptr));
      end->exit_status = measured ? exit_pass : report_error(measured.error());
      return;
    }
    auto statistics = check_is_run(*run).and_then([&] { return compute_run_statistics(*run); });
    if (statistics) end->answer.print("{}", comparison_table(*statistics, nullptr));
    end->exit_status = statistics ? exit_pass : report_error(statistics.error());
  });
}

}  // namespace loopgate
