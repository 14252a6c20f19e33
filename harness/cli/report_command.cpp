#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/process.h"
#include "capture/bounds_run.h"
#include "cli/commands.h"
#include "config/catalog.h"
#include "record/derived_files.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

constexpr std::chrono::seconds report_limit{600};

Result<int> report(const std::string& run, Answer* answer) {
  TRY_STATUS(remove_report(run));
  auto catalog = Catalog::find();
  if (!catalog) return tl::unexpected(catalog.error());
  // The report draws and recomputes nothing.
  if (holds_bounds(run)) {
    TRY_STATUS(compute_bounds(run));
  } else {
    TRY_STATUS(check_is_run(run));
    TRY_STATUS(compute_run_statistics(run));
  }
  auto drawn = run_program({(catalog->root() / "reports" / "report").string(), run}, report_limit,
                           [](const std::string& line) { tell(stderr, line + "\n"); });
  if (!drawn) return tl::unexpected(drawn.error());
  if (drawn->exit_status == 0)
    answer->print("{}\n", (std::filesystem::absolute(run) / "report" / "index.html").string());
  return drawn->exit_status == 0 || drawn->exit_status == exit_usage ? drawn->exit_status : exit_invalid;
}

}  // namespace

void add_report(CLI::App* app, CommandEnd* end) {
  auto run = std::make_shared<std::string>();
  CLI::App* sub =
      app->add_subcommand("report", "pictures and one page that opens from disk: RUN/report/index.html");
  sub->footer("Example: loopgate report runs/today");
  sub->add_option("run", *run, "folder of the run")->required();
  sub->callback([run, end] {
    auto status = report(*run, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
