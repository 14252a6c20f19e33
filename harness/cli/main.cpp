// loopgate: the one program. Each subcommand is a file of its own.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/nearest.h"
#include "base/program_start.h"
#include "cli/commands.h"
#include "cli/empty_values.h"
#include "cli/version.h"
#include "record/planned_cells.h"
#include "record/run_record.h"

namespace loopgate {
namespace {

std::string started_as;  // argv[0]

}  // namespace

Status check_is_run(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (std::filesystem::exists(folder / "run.json", ignored)) return {};
  return is_no_run(folder);
}

void tell_of_cells_beside(const std::filesystem::path& folder) {
  const auto run = read_run_record(folder);
  if (!run) return;  // who reads it next says so
  const std::vector<std::string> beside = cells_beside(*run, folder);
  if (beside.empty()) return;
  tell(stderr, fmt::format("loopgate: {} in {} {}: nothing of {} is judged or shown\n",
                           printable(fmt::format("{}", fmt::join(beside, ", "))), (folder / "cells").string(),
                           beside.size() == 1 ? "is no cell of this run" : "are no cells of this run",
                           beside.size() == 1 ? "it" : "them"));
}

void show_progress(const std::string& line) { tell_progress(stderr, line + "\n"); }

const std::string& program_name() { return started_as; }

int report_error(const Error& error) {
  tell(stderr, fmt::format("loopgate: {}\n", to_text(error)));
  switch (error.kind) {
    case ErrorKind::usage:
      return exit_usage;
    case ErrorKind::kernel:
      return exit_fail;
    case ErrorKind::infrastructure:
    case ErrorKind::data:
      return exit_invalid;
  }
  return exit_invalid;
}

int status_of_cells(bool kernel_failed, bool all_measured) {
  if (kernel_failed) return exit_fail;
  return all_measured ? exit_pass : exit_invalid;
}

int status_with_unreadable(const std::vector<std::string>& cells, int exit_status) {
  if (cells.empty()) return exit_status;
  const bool one = cells.size() == 1;
  tell(stderr,
       fmt::format(
           "loopgate: files of {}{} could not be read, and {} left out\n  -> measure {} again: remove "
           "{} in cells/ and run with --resume (of a merged run: in the shard, and merge again)\n",
           cells.front(),
           one ? "" : fmt::format(" and {} more cell{}", cells.size() - 1, cells.size() == 2 ? "" : "s"),
           one ? "it is" : "they are", one ? "this cell" : "these cells",
           one ? "its folder" : "their folders"));
  return exit_status == exit_pass ? exit_invalid : exit_status;
}

namespace {

// "loopgate capture sigrok": as far as it is known.
std::string command_of(const CLI::App& app) {
  std::string command = "loopgate";
  for (const CLI::App* asked = &app; !asked->get_subcommands().empty();) {
    asked = asked->get_subcommands().front();
    command += " " + asked->get_name();
  }
  return command;
}

const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* asked = &app;
  while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
  return *asked;
}

// The subcommands and options of the innermost command that was named.
std::vector<std::string> known_words(const CLI::App& app) {
  const CLI::App& asked = innermost(app);
  std::vector<std::string> words;
  for (const CLI::App* each : asked.get_subcommands({})) words.push_back(each->get_name());
  for (const CLI::Option* each : asked.get_options())
    if (!each->get_lnames().empty() && !each->get_group().empty())
      words.push_back("--" + each->get_lnames().front());
  return words;
}

// CLI11 misses what is required before it tells of what it does not know: who mistyped a word is better told
// of that.
void report_unknown_words(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining(true);
  const std::string command = command_of(app);
  const auto meant = nearest(unknown.front(), known_words(app));
  tell(stderr, fmt::format("loopgate: \"{}\" is not known to {}\n  -> {}{} --help\n", unknown.front(),
                           command, meant ? fmt::format("did you mean \"{}\"? See ", *meant) : "", command));
}

// The first example in the command's help that calls it: who left something out sees what it looks like.
std::string first_example(const CLI::App& asked, const std::string& command) {
  const std::string footer = asked.get_footer();
  const std::size_t at = footer.find(command + " ");
  if (at == std::string::npos) return {};
  const std::string line = footer.substr(at, footer.find('\n', at) - at);
  return line.substr(0, line.find("  "));  // what follows is a remark
}

// As every other message of ours, instead of CLI11's bare sentence.
void report_mistake(const CLI::App& app, const std::string& what) {
  const std::string command = command_of(app);
  const std::string example = first_example(innermost(app), command);
  tell(stderr, fmt::format("loopgate: {}\n  -> {}{} --help\n", what,
                           example.empty() ? "" : fmt::format("as in: {}; more by: ", example), command));
}

// Gives the exit status. What CLI11 reports by exception is the mistakes, and --help.
int run_command(CLI::App* app, int argc, char** argv, CommandEnd* end) {
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream help;
      app->exit(error, help, help);
      end->answer.print("{}", help.str());
      return exit_pass;
    }
    if (app->remaining_size(true) != 0) {
      report_unknown_words(*app);
    } else {
      report_mistake(*app, error.what());
    }
    return exit_usage;
  }
  return end->exit_status;
}

// A verdict stays the kernel's, and a mistake its maker's, where nobody could be told the rest.
int status_after(const Status& written, int exit_status) {
  if (written) return exit_status;
  report_error(written.error());
  return exit_status == exit_pass ? exit_invalid : exit_status;
}

// An answer that was not written is no fault of the kernel that was judged.
int step_status(const Status& written, int exit_status) {
  const bool judged = exit_status == exit_pass || exit_status == exit_fail || exit_status == exit_cannot_test;
  const int status = status_after(written, exit_status);
  if (written && judged) return exit_status;
  return ends_git_bisect + (judged ? exit_invalid : status);
}

// All of it, so that what the standard library or CLI11 throws, such as for want of memory, has one end.
int call_command(int argc, char** argv, const ProgramStart& start) {
  started_as = argc > 0 ? argv[0] : "loopgate";
  CLI::App app(
      "Proves how a Linux kernel behaves in real time: from an interrupt to a GPIO edge, under load, with a "
      "verdict.");
  app.footer(
      "Exit status: 0 PASS, 1 FAIL (the kernel), 2 usage, 3 INVALID (load, instrument or bench), 4 "
      "INCONCLUSIVE.\n"
      "Example: loopgate run irq-to-gpio --out runs/today && loopgate gate runs/today --policy "
      "suites/irq-to-gpio/release.toml");
  app.require_subcommand(1);
  app.set_version_flag("--version", "loopgate " + loopgate_version().version);
  CommandEnd end{exit_pass, Answer(STDOUT_FILENO)};
  add_doctor(&app, start.unknown_locale, &end);
  add_list(&app, &end);
  add_kernel(&app, &end);
  add_plan(&app, &end);
  add_run(&app, &end);
  add_merge(&app, &end);
  add_capture(&app, &end);
  add_import(&app, &end);
  add_stats(&app, &end);
  add_gate(&app, &end);
  add_bundle(&app, &end);
  add_accept(&app, &end);
  add_verify(&app, &end);
  add_calibrate(&app, &end);
  add_bisect(&app, &end);
  add_cost(&app, &end);
  add_explain(&app, &end);
  add_sections(&app, &end);
  add_bound(&app, &end);
  add_hunt(&app, &end);
  add_report(&app, &end);
  add_history(&app, &end);
  add_audit(&app, &end);
  refuse_empty_values(&app);
  if (asks_to_complete(argc, argv)) {
    complete(app, argc, argv, &end.answer);
    return status_after(end.answer.write(), exit_pass);
  }
  const int exit_status = run_command(&app, argc, argv, &end);
  if (asks_for_step(argc, argv)) return step_status(end.answer.write(), exit_status);
  return status_after(end.answer.write(), exit_status);
}

}  // namespace
}  // namespace loopgate

int main(int argc, char** argv) {
  using namespace loopgate;
  try {
    return call_command(argc, argv, start_program());
  } catch (const std::exception& error) {  // none is expected; but it must not end as the kernel's fault
    tell(stderr, "loopgate: ");
    tell(stderr, error.what());
    tell(stderr, "\n");
    return exit_invalid;
  }
}
