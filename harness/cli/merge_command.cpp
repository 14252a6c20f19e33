#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/place_to_write.h"
#include "cli/commands.h"
#include "gate/comparison_table.h"
#include "gate/verdict_text.h"
#include "run/merge.h"

namespace loopgate {
namespace {

struct MergeCommand {
  std::vector<std::string> parts;
  std::string out;
};

Result<int> merge(const MergeCommand& command, Answer* answer) {
  TRY_STATUS(check_folder_place(command.out, "--out"));
  TRY(merged, merge_run({command.parts.begin(), command.parts.end()}, command.out));
  show_progress(summary_of(merged));
  for (const std::string& each : merged.unequal)
    tell(stderr, fmt::format("loopgate: all cells of both are INVALID: {}\n", printable(each)));
  answer->print("{}{}", comparison_table(merged.statistics, nullptr), unconfirmed_text(merged.statistics));
  return status_of_cells(merged.kernel_failed, merged.all_measured);
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
