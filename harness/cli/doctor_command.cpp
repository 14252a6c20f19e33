#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/file.h"
#include "base/place_to_write.h"
#include "cli/commands.h"
#include "cli/version.h"
#include "config/catalog.h"
#include "config/lab.h"
#include "doctor/ask_board.h"
#include "doctor/host_checks.h"
#include "doctor/planted_faults.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using State = DoctorFinding::State;

// A line for each; gives the exit status.
int print_findings(const std::vector<DoctorFinding>& findings, Answer* answer) {
  int status = exit_pass;
  for (const DoctorFinding& finding : findings) {
    const char* mark = finding.state == State::good       ? "ok     "
                       : finding.state == State::optional ? "no     "
                       : finding.state == State::unknown  ? "UNKNOWN"
                                                          : "MISSING";
    answer->print("{}  {:<16} {}\n", mark, finding.name, finding.what);
    if (finding.state != State::good && !finding.fix.empty()) answer->print("{:>27}-> {}\n", "", finding.fix);
    if (finding.state == State::missing || finding.state == State::unknown) status = exit_invalid;
  }
  return status;
}

struct DoctorCommand {
  std::string board = "qemu-virt-arm64";
  std::string lab = "lab.toml";
  std::string self_test;
  std::string json;
  std::uint32_t edges = 0;
};

// Of a board that QEMU plays, this machine is asked; another one itself.
Result<int> doctor(const DoctorCommand& command, const std::string& unknown_locale, Answer* answer) {
  TRY(catalog, Catalog::find());
  TRY(board, catalog.board(command.board));
  if (board.is_virtual() && command.edges > 0)
    return fail(ErrorKind::usage,
                fmt::format("--edges: board {} is virtual, and its wires lose none", board.name),
                "leave it out, or name a board that is reached over SSH");
  if (board.is_virtual()) return print_findings(check_host(catalog.root(), board, unknown_locale), answer);
  TRY(lab, read_lab(command.lab, board.name));
  TRY(whole, on_bench(std::move(board), lab));
  if (command.edges > 0) whole.check_edges = command.edges;
  TRY(findings, ask_board(whole, lab, show_progress));
  return print_findings(findings, answer);
}

// Nothing of a check that ended as it must.
std::string why_missed(const SelfTestCheck& check) {
  if (check.passed()) return {};
  return check.exit == check.expected_exit
             ? fmt::format(", and nothing names \"{}\": {}", check.must_name, check.said)
             : fmt::format(", not {}: {}", check.expected_exit, check.said);
}

Result<int> test_itself(const std::string& run, const std::string& json, Answer* answer) {
  if (!json.empty()) TRY_STATUS(check_file_place(json, "--json"));
  std::error_code error;
  const fs::path itself = fs::read_symlink("/proc/self/exe", error);
  if (error) return fail(ErrorKind::infrastructure, "/proc/self/exe: " + error.message(), "mount /proc");
  TRY(test, self_test(run, itself.string(), [&](const SelfTestCheck& check) {
        answer->print("{}  {:<24} {}: exit status {}{}\n", check.passed() ? "ok     " : "MISSED ", check.name,
                      check.planted, check.exit, why_missed(check));
      }));
  const auto caught = std::ranges::count_if(test.checks, &SelfTestCheck::passed);
  answer->print("{} of {} checks ended as they must\n", caught, test.checks.size());
  if (!json.empty()) TRY_STATUS(write_file_atomically(json, to_json(test, loopgate_version())));
  return test.passed() ? exit_pass : exit_invalid;
}

}  // namespace

void add_doctor(CLI::App* app, const std::string& unknown_locale, CommandEnd* end) {
  auto command = std::make_shared<DoctorCommand>();
  CLI::App* sub =
      app->add_subcommand("doctor", "what this machine can do, what is missing and how to fix it");
  sub->footer(
      "Example: loopgate doctor --board raspberry-pi-4b\n"
      "Example: loopgate doctor --board raspberry-pi-4b --edges 100000\n"
      "Example: loopgate doctor --self-test runs/today --json self-test.json\n"
      "Exit status: 0 when nothing is missing, 2 usage, 3 when something is missing or can't be asked,\n"
      "or a planted fault was not caught.");
  sub->add_option("--board", command->board,
                  "what it takes to measure on this one: of a virtual board, what this machine lacks; one "
                  "that is reached "
                  "over SSH is asked whether it is reachable, wired and ready")
      ->capture_default_str();
  sub->add_option("--lab", command->lab, "where this bench's boards are")->capture_default_str();
  CLI::Option* edges =
      sub->add_option(
             "--edges", command->edges,
             "send so many edges on each jumper of a board, and count those that are lost: a chip may "
             "lose one in thousands; 100000 take half a minute, and a second more for each lost one. Runs do "
             "not "
             "remember it: check_edges in lab.toml counts so many before each cell")
          ->check(CLI::Range(1, 10'000'000));
  CLI::Option* self_test =
      sub->add_option("--self-test", command->self_test,
                      "plant faults in copies of this run, in which every stimulus was answered, and see "
                      "whether gate, report, bundle and verify catch each");
  self_test->excludes("--board")->excludes(edges);
  sub->add_option("--json", command->json, "write what the self-test found into this file, too")
      ->needs(self_test);
  sub->callback([command, unknown_locale, end] {
    auto status = !command->self_test.empty() ? test_itself(command->self_test, command->json, &end->answer)
                                              : doctor(*command, unknown_locale, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
