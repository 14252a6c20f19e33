#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/place_to_write.h"
#include "base/process.h"
#include "base/scratch_dir.h"
#include "base/temporary_folder.h"
#include "cli/commands.h"
#include "config/catalog.h"
#include "history/history.h"
#include "history/history_json.h"
#include "history/history_text.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds draw_limit{600};

struct HistoryCommand {
  std::vector<std::string> runs;
  std::string out;
};

Status check_are_folders(const std::vector<std::string>& runs) {
  std::error_code ignored;
  for (const std::string& run : runs)
    if (!fs::is_directory(run, ignored))
      return fail(ErrorKind::usage, fmt::format("{}: is no folder, so it is no run's", run),
                  "name folders of runs: releases/*/");
  return {};
}

Result<int> history(const HistoryCommand& command, Answer* answer) {
  TRY_STATUS(check_are_folders(command.runs));
  TRY_STATUS(check_folder_place(command.out, "--out"));
  TRY(catalog, Catalog::find());
  TRY(temporary, temporary_folder());
  std::vector<PastRun> runs;
  for (const std::string& run : command.runs) runs.push_back(read_past_run(run));
  const History all = history_of(std::move(runs));
  remove_abandoned(temporary, "history");
  TRY(scratch, ScratchDir::create(temporary, "history"));
  const fs::path data = scratch.path() / "history.json";
  TRY_STATUS(write_file_atomically(data, history_json(all, fs::absolute(command.out))));
  auto drawn = run_program(
      {(catalog.root() / "reports" / "history").string(), "--out", command.out, "--", data.string()},
      draw_limit, [](const std::string& line) { tell(stderr, line + "\n"); });
  if (!drawn) return tl::unexpected(drawn.error());
  if (drawn->exit_status != 0) return drawn->exit_status == exit_usage ? exit_usage : exit_invalid;
  answer->print("{}{}\n", history_text(all), (fs::absolute(command.out) / "index.html").string());
  const bool all_read =
      std::ranges::all_of(all.runs, [](const PastRun& run) { return run.problem.empty() || run.left_out; });
  return all_read ? exit_pass : exit_invalid;
}

}  // namespace

void add_history(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<HistoryCommand>();
  CLI::App* sub = app->add_subcommand(
      "history",
      "one page of many runs: figures and verdicts in the order of their measuring, and where they changed");
  sub->footer(
      "Example: loopgate history releases/* --out history\n"
      "Figures of other suites, boards, loads, time bases or instruments are never one series. A change is a "
      "warning\n"
      "and no verdict. Exit status: 0, 2 usage, 3 when a run could not be read: the page names it.\n"
      "A run that is given twice counts once, and a shard's part not at all: both are told.");
  sub->add_option("run", command->runs, "folders of runs")->required();
  sub->add_option("--out", command->out, "where the page goes")->required();
  sub->callback([command, end] {
    auto status = history(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
