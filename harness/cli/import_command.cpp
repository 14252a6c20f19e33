#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/place_to_write.h"
#include "capture/bounds_run.h"
#include "capture/import_files.h"
#include "cli/capture_options.h"
#include "cli/commands.h"
#include "cli/one_of.h"
#include "programs/result/result_file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct ImportCommand {
  ImportRequest request;
  std::vector<std::string> files;
  std::string unit;
  std::string out;
};

Result<int> import(ImportCommand command, Answer* answer) {
  std::error_code ignored;
  if (fs::exists(command.out, ignored))
    return fail(ErrorKind::usage, fmt::format("{} exists", command.out), "name another folder with --out");
  TRY_STATUS(check_folder_place(command.out, "--out"));
  ImportRequest& request = command.request;
  request.files.assign(command.files.begin(), command.files.end());
  request.options.in_ns = command.unit == "ns";
  if (request.board.suite.empty()) request.board.suite = request.program;
  TRY(imported, import_files(request));
  TRY_STATUS(make_directories(command.out));
  const fs::path file = fs::path(command.out) / "imported.json";
  if (const Status written = write_imported(command.out, imported); !written) {
    fs::remove_all(command.out, ignored);  // the same command can be given again
    return tl::unexpected(written.error());
  }
  TRY(measured, read_bounds(command.out));
  answer->print("{}{}\n", bounds_text(measured, nullptr), file.string());
  // As `run` ends where a cell is INVALID: no verdict may rest on it.
  return measured.group().invalid.empty() ? exit_pass : exit_invalid;
}

}  // namespace

void add_import(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<ImportCommand>();
  command->request.board.suite.clear();
  CLI::App* sub = app->add_subcommand(
      "import", "result files of cyclictest, rtla, rteval, jitterdebugger or OSADL, to gate and to draw");
  sub->footer(
      "A histogram's figures are intervals, in wall-clock time and self-measured: gate, stats and report say "
      "so. "
      "A policy is of the\n"
      "suite that has the program's name, unless --suite names another. Several files are pooled.\n"
      "Exit status: 0, 2 usage or a file that cannot be so, 3 where no verdict can rest on a file: it says "
      "why.\n"
      "Example: cyclictest -m -p95 -D10m -h400 -q --json out.json\n"
      "  loopgate import cyclictest out.json --board my-board --kernel preempt-rt --load mixed --out "
      "runs/theirs\n"
      "Example: rtla timerlat hist -d 10m > hist.txt\n"
      "  loopgate import rtla hist.txt --column irq --board my-board --kernel preempt-rt --load mixed --out "
      "runs/irq");
  ImportRequest& request = command->request;
  sub->add_option("program", request.program, "whose files they are")
      ->required()
      ->check(one_of(std::vector<std::string>(result_programs.begin(), result_programs.end())));
  sub->add_option("files", command->files, "its result files")->required();
  sub->add_option("--column", request.options.column, "of rtla timerlat; thread where it is left out")
      ->check(one_of({"irq", "thread", "user"}));
  sub->add_option("--thread", request.options.threads,
                  "this thread or CPU alone, as the file names it; may be repeated")
      ->expected(1)
      ->take_all();
  sub->add_option("--unit", command->unit, "of a file that tells none; us where it is left out")
      ->check(one_of({"us", "ns"}));
  add_measured_board_options(sub, &request.board);
  sub->add_option("--out", command->out, "folder for imported.json; must not exist")->required();
  sub->callback([command, end] {
    auto status = import(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
