#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/place_to_write.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/version.h"
#include "explain/choose_cell.h"
#include "explain/choose_path_cells.h"
#include "explain/explain_paths.h"
#include "explain/json_report.h"
#include "explain/path_report.h"
#include "explain/paths_file.h"
#include "explain/session.h"
#include "explain/text_report.h"
#include "record/derived_files.h"
#include "record/run_record.h"

namespace loopgate {
namespace {

struct ExplainCommand {
  ExplainRequest request;
  std::string program;  // whose path is explained instead of samples
  std::string json;
};

// --program asks for no sample.
Status check_asks_for_path(const ExplainRequest& request) {
  if (request.worst == 0 && request.samples.empty() && !request.phases) return {};
  return fail(ErrorKind::usage, "--program explains the path of a program, which has no samples",
              "leave --worst, --sample and --phases out");
}

Status run_explain_path(const ExplainCommand& command, Answer* answer) {
  const ExplainRequest& asked = command.request;
  TRY_STATUS(check_asks_for_path(asked));
  const auto remove = [&] { return remove_answer(command.json); };
  TRY(request, without_earlier(with_path_cells({.run = asked.run,
                                                .program = command.program,
                                                .cell = asked.cell,
                                                .kernel = asked.kernel,
                                                .load = asked.load,
                                                .against = asked.against,
                                                .stop = asked.stop}),
                               remove));
  TRY_STATUS(remove());
  TRY_STATUS(withdraw_path(request));
  TRY(explanation, explain_paths(request, loopgate_version(), show_progress));
  answer->print("{}\n", to_text(explanation));
  if (!command.json.empty()) {
    TRY_STATUS(write_file_atomically(command.json, to_json(explanation).dump() + "\n"));
  }
  TRY(path, write_path(request.run, explanation));
  answer->print("{}\n", path.string());
  return {};
}

// Programs that measure by themselves leave none.
Status check_has_samples(const std::filesystem::path& folder) {
  const auto run = read_run_record(folder);
  if (!run || !run->has_programs_alone()) return {};  // what cannot be read is told by others
  std::vector<std::string> names;
  for (const ProgramInput& each : run->programs) names.push_back(each.name);
  return fail(
      ErrorKind::usage,
      fmt::format("{}: holds programs that measured by themselves: there is no sample to explain",
                  folder.string()),
      fmt::format("name one with --program, for the functions of its path: {}", fmt::join(names, ", ")));
}

// explain.json has samples of the run alone.
Status run_explain_hunted(const ExplainCommand& command, Answer* answer) {
  const auto remove = [&] { return remove_answer(command.json); };
  TRY(request, without_earlier(with_hunted_cell(command.request), remove));
  TRY_STATUS(remove());
  TRY(explanation, explain_hunted_stimulus(request, loopgate_version(), show_progress));
  answer->print("{}\n", to_text(explanation));
  if (!command.json.empty()) {
    TRY_STATUS(write_file_atomically(command.json, to_json(explanation).dump() + "\n"));
  }
  TRY(paths, write_hunted(request.run / "cells" / request.cell, request.hunted, explanation));
  for (const auto& path : paths) answer->print("{}\n", path.string());
  return {};
}

Status run_explain(const ExplainCommand& command, Answer* answer) {
  if (!command.json.empty()) {
    TRY_STATUS(check_file_place(command.json, "--json"));
  }
  if (!command.program.empty()) return run_explain_path(command, answer);
  TRY_STATUS(check_has_samples(command.request.run));
  if (command.request.hunted != 0) return run_explain_hunted(command, answer);
  const auto remove = [&] { return remove_answer(command.json); };
  TRY(request, without_earlier(with_cells(command.request, show_progress), remove));
  TRY_STATUS(remove());
  TRY_STATUS(withdraw_explanation(request));
  TRY(explanation, explain(request, loopgate_version(), show_progress));
  answer->print("{}\n", to_text(explanation));
  if (!command.json.empty()) {
    TRY_STATUS(write_file_atomically(command.json, to_json(explanation).dump() + "\n"));
  }
  TRY(paths, write_explanation(request.run / "cells" / request.cell, explanation));
  for (const auto& path : paths) answer->print("{}\n", path.string());
  return {};
}

}  // namespace

void add_explain(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<ExplainCommand>();
  CLI::App* sub = app->add_subcommand("explain",
                                      "why a sample took as long as it did, or which functions make a "
                                      "program's path: makes the run again and "
                                      "traces it, nanosecond by nanosecond");
  sub->footer(
      "Example: loopgate explain runs/today --kernel generic --against preempt-rt\n"
      "         loopgate explain runs/today --cell preempt-rt.irq-storm.3 --sample 4711 --phases\n"
      "         loopgate explain runs/primitives --program pi-mutex-inherit --kernel preempt-rt --against "
      "generic\n"
      "`loopgate report` then shows the pictures. speedscope, Perfetto and trace-cmd open the files that it "
      "names.");
  ExplainRequest& request = command->request;
  sub->add_option("run", request.run, "folder of the run")->required();
  sub->add_option("--kernel", request.kernel,
                  "the worst of this kernel's replicates (default: of the whole run's)");
  sub->add_option("--load", request.load, "under this load (default: any)");
  sub->add_option("--cell", request.cell,
                  "one replicate instead: KERNEL.LOAD is the first, KERNEL.LOAD.2 the second");
  sub->add_option("--worst", request.worst, "the samples of highest latency (default: 1, if none is named)")
      ->check(CLI::Range(1, 100));
  sub->add_option("--sample", request.samples,
                  "a sample by its index in the schedule; may be given several times");
  sub->add_option("--hunted", request.hunted,
                  "of the worst stimuli that `loopgate hunt` found, this one: 1 is the worst")
      ->check(CLI::Range(1, 100));
  sub->add_option("--against", request.against,
                  "another kernel, whose same stimuli are compared, or another cell");
  sub->add_option("--program", command->program,
                  "of a run of programs: the instructions between this one's marks, by function");
  sub->add_flag("--phases", request.phases, "which phase makes the tail: the phases of every sample");
  sub->add_option("--json", command->json, "also write all of it to this file");
  sub->add_flag_callback("--all", [] { throw CLI::ValidationError("--all", "is called --phases now"); })
      ->group("");
  sub->callback([command, end] {
    clear_away_when_interrupted();
    command->request.stop = interrupted();
    end->exit_status =
        status_after_clearing(run_explain(*command, &end->answer),
                              "explanations of other samples are kept, and nothing of this call");
  });
}

}  // namespace loopgate
