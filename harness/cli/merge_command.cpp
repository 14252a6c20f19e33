#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/place_to_write.h"
#include "cli/commands.h"
#include "gate/comparison_table.h"
#include "gate/verdict.h"
#include "run/merge.h"

namespace loopgate {
namespace {

struct MergeCommand {
  std::vector<std::string> parts;
  std::string out;
};

// "8 shards of 48 cells; 4 cells were measured by two shards, and are equal to the byte"
std::string summary_of(const MergedRun& run) {
  std::string text = fmt::format("{} shard{} of {} cell{}", run.shards, run.shards == 1 ? "" : "s", run.cells,
                                 run.cells == 1 ? "" : "s");
  if (run.compared == 0) return text;
  const bool one = run.compared == 1;
  text += fmt::format("; {} cell{} measured by two shards", run.compared, one ? " was" : "s were");
  return text + (run.unequal.empty() ? fmt::format(", and {} equal to the byte", one ? "is" : "are")
                                     : fmt::format(", and {} unequal", run.unequal.size()));
}

// That of the whole run (cli/run_command.cpp): a cell that could not be read is merged by nobody.
int status_of(const MergedRun& run) {
  if (run.kernel_failed) return exit_fail;
  return run.all_measured ? exit_pass : exit_invalid;
}

Result<int> merge(const MergeCommand& command, Answer* answer) {
  TRY_STATUS(check_folder_place(command.out, "--out"));
  TRY(merged, merge_run({command.parts.begin(), command.parts.end()}, command.out));
  show_progress(summary_of(merged));
  for (const std::string& each : merged.unequal)
    tell(stderr, fmt::format("loopgate: all cells of both are INVALID: {}\n", printable(each)));
  answer->print("{}", comparison_table(merged.statistics, nullptr));
  return status_of(merged);
}

}  // namespace

void add_merge(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<MergeCommand>();
  CLI::App* sub =
      app->add_subcommand("merge", "the shards of a run, measured by several machines, become the run");
  sub->footer(
      "Example: loopgate run irq-to-gpio --shard 1/2 --out runs/part-1   # on one machine\n"
      "         loopgate run irq-to-gpio --shard 2/2 --out runs/part-2   # on another\n"
      "         loopgate merge runs/part-1 runs/part-2 --out runs/whole");
  sub->add_option("parts", command->parts, "folders of all shards of one run, in any order")->required();
  sub->add_option("--out", command->out, "folder of the whole run; must not exist")->required();
  sub->callback([command, end] {
    auto status = merge(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
