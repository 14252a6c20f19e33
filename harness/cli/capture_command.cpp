#include <CLI/CLI.hpp>

#include "cli/capture_options.h"
#include "cli/commands.h"

namespace loopgate {
namespace {

// They become folder names.
std::string problem_of_name(const std::string& name) {
  const bool plain = !name.empty() && name.front() != '.' &&
                     name.find_first_of("/ \t\n\r") == std::string::npos &&
                     name.find('\0') == std::string::npos;
  return plain ? std::string() : "must be a plain name, such as rpi-4b or preempt-rt";
}

}  // namespace

void add_measured_board_options(CLI::App* command, MeasuredBoard* board) {
  const CLI::Validator plain_name(problem_of_name, "NAME");
  command->add_option("--board", board->board, "what was measured, which is known by you alone: the board")
      ->required()
      ->check(plain_name);
  command->add_option("--kernel", board->kernel, "the kernel that ran on it")->required()->check(plain_name);
  command->add_option("--load", board->load, "the load that it was under")->required()->check(plain_name);
  command->add_option("--suite", board->suite, "the suite that a policy names")
      ->check(plain_name)
      ->capture_default_str();
}

void add_capture(CLI::App* app, CommandEnd* end) {
  CLI::App* sub = app->add_subcommand(
      "capture", "measure with an instrument beside the board: a latmon board, or a logic analyser");
  sub->require_subcommand(1);
  add_capture_latmon(sub, end);
  add_capture_sigrok(sub, end);
}

}  // namespace loopgate
