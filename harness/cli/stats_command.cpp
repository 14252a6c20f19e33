#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "gate/comparison_table.h"
#include "stats/stats_run.h"

namespace loopgate {

void add_stats(CLI::App* app, int* exit_status) {
  auto run = std::make_shared<std::string>();
  CLI::App* sub =
      app->add_subcommand("stats", "exact statistics from the raw samples: summary.json, comparison.json");
  sub->footer("Example: loopgate stats runs/today");
  sub->add_option("run", *run, "folder of the run")->required();
  sub->callback([run, exit_status] {
    auto statistics = compute_run_statistics(*run);
    if (statistics) fmt::print("{}", comparison_table(*statistics, nullptr));
    *exit_status = statistics ? exit_pass : told(statistics.error());
  });
}

}  // namespace loopgate
