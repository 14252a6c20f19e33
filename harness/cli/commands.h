// The subcommands. Each adds itself to the program and, when chosen, leaves its exit status and its answer.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/exit_status.h"
#include "base/output.h"
#include "base/result.h"

namespace loopgate {

struct CommandEnd {
  int exit_status = exit_pass;
  Answer answer;
};

// `unknown_locale` as in ProgramStart.
void add_doctor(CLI::App* app, const std::string& unknown_locale, CommandEnd* end);
void add_list(CLI::App* app, CommandEnd* end);
void add_kernel(CLI::App* app, CommandEnd* end);
void add_plan(CLI::App* app, CommandEnd* end);
void add_run(CLI::App* app, CommandEnd* end);
void add_merge(CLI::App* app, CommandEnd* end);
void add_capture(CLI::App* app, CommandEnd* end);
void add_capture_latmon(CLI::App* capture, CommandEnd* end);
void add_capture_sigrok(CLI::App* capture, CommandEnd* end);
void add_import(CLI::App* app, CommandEnd* end);
void add_stats(CLI::App* app, CommandEnd* end);
void add_gate(CLI::App* app, CommandEnd* end);
void add_bundle(CLI::App* app, CommandEnd* end);
void add_accept(CLI::App* app, CommandEnd* end);
void add_verify(CLI::App* app, CommandEnd* end);
void add_calibrate(CLI::App* app, CommandEnd* end);
void add_bisect(CLI::App* app, CommandEnd* end);
void add_cost(CLI::App* app, CommandEnd* end);
void add_explain(CLI::App* app, CommandEnd* end);
void add_sections(CLI::App* app, CommandEnd* end);
void add_bound(CLI::App* app, CommandEnd* end);
void add_hunt(CLI::App* app, CommandEnd* end);
void add_history(CLI::App* app, CommandEnd* end);
void add_report(CLI::App* app, CommandEnd* end);
void add_audit(CLI::App* app, CommandEnd* end);

// What a shell asks in the name of whoever types: no command for people, so that it stands apart.
bool asks_to_complete(int argc, char** argv);
void complete(const CLI::App& app, int argc, char** argv, Answer* answer);

// `git bisect run` takes 1 to 127 for bad or cannot be tested, and ends by a larger one: so do the mistakes
// and failures of `bisect --step`.
bool asks_for_step(int argc, char** argv);
inline constexpr int exit_cannot_test = 125;
inline constexpr int ends_git_bisect = 128;

// Tells what went wrong and gives the exit status of its kind.
int report_error(const Error& error);

// What a command shows is not whole where a file of it could not be read: tells how many cells are left out,
// and gives the exit status of damaged files; else `exit_status`.
int status_with_unreadable(const std::vector<std::string>& cells, int exit_status);

// Of a run's cells: a kernel that failed in one, then one that could not be measured.
int status_of_cells(bool kernel_failed, bool all_measured);

// A line while work goes on: it may be lost.
void show_progress(const std::string& line);

// A usage error where the folder holds no run: it has no run.json.
Status check_is_run(const std::filesystem::path& folder);

// Says which folders in the run's cells/ are none of its own: they may be taken for judged.
void tell_of_cells_beside(const std::filesystem::path& folder);

// How this program was started, for command lines to paste.
const std::string& program_name();

}  // namespace loopgate
