#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/section_files.h"
#include "analysis/section_text.h"
#include "analysis/sections.h"
#include "base/file.h"
#include "base/place_to_write.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/version.h"
#include "record/derived_files.h"

namespace loopgate {
namespace {

struct SectionsCommand {
  SectionsRequest request;
  std::string json;
};

Status run_sections(const SectionsCommand& command, Answer* answer) {
  const SectionsRequest& request = command.request;
  if (!command.json.empty()) {
    TRY_STATUS(check_file_place(command.json, "--json"));
  }
  TRY_STATUS(check_is_run(request.run));
  const auto remove = [&]() -> Status {
    TRY_STATUS(remove_answer(command.json));
    return remove_sections(request.run);
  };
  TRY(cells, without_earlier(record_sections(request, loopgate_version(), show_progress),
                             unless_interrupted(remove)));
  answer->print("{}\n", to_text(cells));
  if (!command.json.empty()) {
    TRY_STATUS(write_file_atomically(command.json, to_json(cells).dump() + "\n"));
  }
  TRY(paths, write_sections(request.run, cells));
  for (const auto& path : paths) answer->print("{}\n", path.string());
  return {};
}

}  // namespace

void add_sections(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<SectionsCommand>();
  CLI::App* sub = app->add_subcommand(
      "sections",
      "critical sections of a measured run: every window with interrupts or preemption off, how long and "
      "whose. Makes the run again and records it, at no cost to the kernel");
  sub->footer(
      "Example: loopgate sections runs/today --load mixed\n"
      "         loopgate sections runs/today --cell preempt-rt.mixed.3\n"
      "The first replicate of each kernel and load is recorded, unless --cell names others. Times are "
      "virtual: 1 ns per instruction with one CPU; of several, each has windows of its own. `loopgate "
      "report` then shows table and curves; flamegraph.pl and "
      "speedscope open sections.folded.");
  SectionsRequest& request = command->request;
  sub->add_option("run", request.run, "folder of the run")->required();
  sub->add_option("--kernel", request.kernels, "a kernel of the run; may be repeated (default: each)");
  sub->add_option("--load", request.loads, "a load of the run; may be repeated (default: each)");
  sub->add_option("--cell", request.cells,
                  "a replicate instead; may be repeated: KERNEL.LOAD is the first, KERNEL.LOAD.2 the second");
  sub->add_option("--json", command->json, "also write all of it to this file");
  sub->callback([command, end] {
    clear_away_when_interrupted();
    command->request.stop = interrupted();
    end->exit_status = status_after_clearing(run_sections(*command, &end->answer),
                                             "what was recorded earlier is kept, and nothing of this call");
  });
}

}  // namespace loopgate
