#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "base/file.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/doctor.h"
#include "config/catalog.h"
#include "doctor/kvm.h"
#include "qemu/qemu_identity.h"
#include "run/paths.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds ask_limit{30};
constexpr const char* install = "run ci/setup";
constexpr const char* build = "run cmake -S . -B build -G Ninja && cmake --build build";

using State = Finding::State;

Finding look_at_qemu(const Board& board) {
  auto version = qemu_version(board);
  if (version)
    return {State::good, "QEMU", fmt::format("{} {}", find_program(board.qemu().binary), *version), ""};
  return {State::missing, "QEMU", version.error().what, install};
}

// The plugin itself looks QEMU's functions up and names those missing; it is loaded with a machine of no
// parts.
Finding look_at_instrument(const Board& board) {
  const fs::path plugin = instrument_plugin();
  if (!fs::exists(plugin)) return {State::missing, "instrument", plugin.string() + " is not built", build};
  auto asked = run_program({board.qemu().binary, "-M", "none", "-display", "none", "-nodefaults", "-plugin",
                            plugin.string() + ",check=on"},
                           ask_limit);
  if (!asked) return {State::missing, "instrument", asked.error().what, install};
  if (asked->errors.find("every function is there") != std::string::npos)
    return {State::good, "instrument", "QEMU exports every function that it needs", ""};
  return {State::missing, "instrument", asked->errors.substr(0, asked->errors.find('\n')),
          "use Debian's QEMU 10: ci/setup"};
}

Finding look_at_kvm() {
  const KvmAnswer answer = try_kvm();
  return {answer.usable ? State::good : State::optional, "KVM",
          answer.what + (answer.usable ? "" : " (the virtual bench does without)"), ""};
}

Finding look_at_program(const std::string& what, const std::string& program) {
  const std::string path = find_program(program);
  return {path.empty() ? State::missing : State::good, what,
          path.empty() ? program + " is not installed" : path, install};
}

Finding look_at_python() {
  auto asked = run_program(
      {"/usr/bin/python3", "-c", "import matplotlib, numpy, jinja2; print(matplotlib.__version__)"},
      ask_limit);
  if (asked && asked->exit_status == 0)
    return {State::good, "reports", "matplotlib " + asked->output.substr(0, asked->output.find('\n')), ""};
  return {State::missing, "reports", "/usr/bin/python3 lacks matplotlib, NumPy or Jinja2", install};
}

Finding look_at_packages(const fs::path& root) {
  auto asked = run_program({(root / "ci" / "setup").string(), "--check", "--without-tests"}, ask_limit);
  if (asked && asked->exit_status == 0)
    return {State::good, "packages", "all that is needed to run is installed", ""};
  std::string missing = asked ? asked->output + asked->errors : asked.error().what;
  while (!missing.empty() && missing.back() == '\n') missing.pop_back();
  return {State::missing, "packages", missing, install};
}

Finding look_at_target(const Board& board) {
  const fs::path programs = target_programs(board.architecture);
  if (fs::exists(programs)) return {State::good, "target programs", programs.string(), ""};
  return {State::missing, "target programs", programs.string() + " is not built", build};
}

Finding look_at_cache() {
  const fs::path cache = cache_directory();
  if (auto made = make_directories(cache); !made)
    return {State::missing, "cache", made.error().what, "set LOOPGATE_CACHE"};
  std::error_code error;
  const auto space = fs::space(cache, error);
  const double free_gib = static_cast<double>(space.available) / double(1 << 30);
  // Two kernels, the sysroot and downloaded packages take 0.5 GiB, a saved state 0.1 GiB.
  const bool enough = !error && free_gib > 2;
  return {enough ? State::good : State::missing, "cache",
          fmt::format("{} ({:.0f} GiB free)", cache.string(), free_gib),
          "free 2 GiB there, or set LOOPGATE_CACHE to a folder on another disk"};
}

Result<int> doctor() {
  auto catalog = Catalog::find();
  if (!catalog) return tl::unexpected(catalog.error());
  auto board = catalog->board("qemu-virt-arm64");
  if (!board) return tl::unexpected(board.error());
  const std::vector<Finding> findings = {look_at_packages(catalog->root()),
                                         look_at_qemu(*board),
                                         look_at_instrument(*board),
                                         look_at_target(*board),
                                         look_at_program("cross compiler", "clang++-19"),
                                         look_at_program("cross linker", "ld.lld-19"),
                                         look_at_python(),
                                         look_at_cache(),
                                         look_at_kvm()};
  return tell_findings(findings);
}

}  // namespace

int tell_findings(const std::vector<Finding>& findings) {
  int status = exit_pass;
  for (const Finding& finding : findings) {
    const char* mark = finding.state == State::good       ? "ok     "
                       : finding.state == State::optional ? "no     "
                       : finding.state == State::unknown  ? "UNKNOWN"
                                                          : "MISSING";
    fmt::print("{}  {:<16} {}\n", mark, finding.name, finding.what);
    if (finding.state != State::good && !finding.mend.empty()) fmt::print("{:>27}-> {}\n", "", finding.mend);
    if (finding.state == State::missing || finding.state == State::unknown) status = exit_invalid;
  }
  return status;
}

void add_doctor(CLI::App* app, int* exit_status) {
  struct DoctorCommand {
    std::string board;
    std::string lab = "lab.toml";
  };
  auto command = std::make_shared<DoctorCommand>();
  CLI::App* sub =
      app->add_subcommand("doctor", "what this machine can do, what is missing, and what mends it");
  sub->footer(
      "Example: loopgate doctor --board raspberry-pi-4b\n"
      "Exit status: 0 when nothing is missing, 2 usage, 3 when something is missing or can't be asked.");
  sub->add_option("--board", command->board,
                  "ask a board that is reached over SSH instead: is it reachable, wired, and ready?");
  sub->add_option("--lab", command->lab, "where this bench's boards are")->capture_default_str();
  sub->callback([command, exit_status] {
    auto status = command->board.empty() ? doctor() : doctor_of_board(command->board, command->lab);
    *exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
