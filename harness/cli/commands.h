// The subcommands. Each adds itself to the program and, when chosen, leaves its exit status.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <string>

#include "base/exit_status.h"
#include "base/result.h"

namespace loopgate {

void add_doctor(CLI::App* app, int* exit_status);
void add_list(CLI::App* app, int* exit_status);
void add_plan(CLI::App* app, int* exit_status);
void add_run(CLI::App* app, int* exit_status);
void add_capture(CLI::App* app, int* exit_status);
void add_capture_latmon(CLI::App* capture, int* exit_status);
void add_capture_sigrok(CLI::App* capture, int* exit_status);
void add_stats(CLI::App* app, int* exit_status);
void add_gate(CLI::App* app, int* exit_status);
void add_explain(CLI::App* app, int* exit_status);
void add_report(CLI::App* app, int* exit_status);
void add_audit(CLI::App* app, int* exit_status);

// Prints what went wrong and gives the exit status of its kind.
int report_error(const Error& error);

// A usage error where the folder holds no run: it has no run.json.
Status check_is_run(const std::filesystem::path& folder);

// How this program was started, for command lines to paste.
const std::string& program_name();

}  // namespace loopgate
