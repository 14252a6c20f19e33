#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "accept/acceptance.h"
#include "accept/check_folder.h"
#include "base/file.h"
#include "base/place_to_write.h"
#include "base/process.h"
#include "bundle/pack.h"
#include "capture/bounds_run.h"
#include "cli/commands.h"
#include "cli/version.h"
#include "config/catalog.h"
#include "gate/recorded_verdict.h"
#include "record/derived_files.h"
#include "stats/evidence_digest.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds report_limit{600};

struct ReportCommand {
  std::vector<std::string> runs;
  std::string out;
};

fs::path folder_of(const ReportCommand& command) {
  if (!command.out.empty()) return command.out;
  return fs::path(command.runs.front()) / (command.runs.size() == 1 ? "report" : "kernels");
}

bool holds_acceptance(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / acceptance_name, ignored);
}

Status remove_earlier(const ReportCommand& command) {
  if (!command.out.empty()) return remove_page(command.out);
  const std::string& run = command.runs.front();
  if (holds_acceptance(run)) return remove_page(folder_of(command));
  return command.runs.size() == 1 ? remove_report(run) : remove_kernels_page(run);
}

// The report draws and recomputes nothing, and shows the verdict that stands in the folder where it is this
// run's. Gives the cells that could not be read.
Result<std::vector<std::string>> compute(const std::string& run) {
  if (holds_bounds(run)) {
    TRY(bounds, compute_bounds(run));
    TRY_STATUS(read_recorded_verdict(run, bounds.evidence, bounds.evidence_sha256));
    return std::vector<std::string>();
  }
  TRY(statistics, compute_run_statistics(run));
  TRY_STATUS(read_recorded_verdict(run, statistics, evidence_sha256(statistics)));
  return unreadable_cells(statistics);
}

// What is drawn is signed: it must be what the raw samples say, and the bundle that stands beside it.
Result<std::vector<std::string>> compute_acceptance(const fs::path& folder) {
  TRY(runs, check_acceptance_folder(folder, loopgate_version()));
  std::vector<std::string> unreadable;
  for (const AcceptedRun& run : runs) {
    const std::string& name = run.planned.name;
    TRY(statistics, compute_run_statistics(folder / folder_of_run(name) / run_in_bundle));
    for (const std::string& cell : unreadable_cells(statistics)) unreadable.push_back(name + ": " + cell);
  }
  return unreadable;
}

Result<std::vector<std::string>> compute_all(const ReportCommand& command) {
  if (command.runs.size() == 1 && holds_acceptance(command.runs.front()))
    return compute_acceptance(command.runs.front());
  for (const std::string& run : command.runs)
    if (!holds_bounds(run)) TRY_STATUS(check_is_run(run));
  std::vector<std::string> unreadable;
  for (const std::string& run : command.runs) {
    TRY(cells, compute(run));
    if (!holds_bounds(run)) tell_of_cells_beside(run);
    unreadable.insert(unreadable.end(), cells.begin(), cells.end());
  }
  return unreadable;
}

// What draws replaces the earlier page by the new one, or removes it where there is none.
Result<int> report(const ReportCommand& command, Answer* answer) {
  if (!command.out.empty()) {
    TRY_STATUS(check_folder_place(command.out, "--out"));
  }
  TRY(catalog, Catalog::find());
  TRY(unreadable, without_earlier(compute_all(command), [&] { return remove_earlier(command); }));
  const fs::path folder = folder_of(command);
  std::vector<std::string> argv = {(catalog.root() / "reports" / "report").string(), "--out", folder.string(),
                                   "--"};
  argv.insert(argv.end(), command.runs.begin(), command.runs.end());
  auto drawn = run_program(argv, report_limit, [](const std::string& line) { tell(stderr, line + "\n"); });
  if (!drawn) return tl::unexpected(drawn.error());
  if (drawn->exit_status != 0) return drawn->exit_status == exit_usage ? exit_usage : exit_invalid;
  if (command.runs.size() > 1) {
    TRY(table, read_file(folder / "table.txt"));
    answer->print("{}\n", table);
  }
  answer->print("{}\n", (fs::absolute(folder) / "index.html").string());
  return status_with_unreadable(unreadable, exit_pass);
}

}  // namespace

void add_report(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<ReportCommand>();
  CLI::App* sub = app->add_subcommand(
      "report", "pictures and one page that opens from disk; of several runs, their kernels side by side");
  sub->footer(
      "Example: loopgate report runs/today\n"
      "Example: loopgate report runs/today runs/rt runs/primitives\n"
      "Example: loopgate report acceptance\n"
      "An acceptance's folder, or its unpacked bundle, gives a page and acceptance.pdf, for signing.\n"
      "Several runs of one board give one page, and its tables here: for each kernel the largest interrupt\n"
      "latency, task switch time and jitter, then the rest. They must be of one time base and of the same\n"
      "kernel images.");
  sub->add_option("run", command->runs, "folder of the run, or folders of several; or of an acceptance")
      ->required();
  sub->add_option(
      "--out", command->out,
      "where the page and its pictures go (default: RUN/report, of several runs RUN/kernels in the first)");
  sub->callback([command, end] {
    auto status = report(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
