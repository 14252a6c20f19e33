#include "doctor/host_checks.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/process.h"
#include "doctor/kvm.h"
#include "protocol/plugin_check.h"
#include "qemu/qemu_identity.h"
#include "run/paths.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds ask_limit{30};
constexpr const char* install = "run ci/setup";
constexpr const char* install_again = "install the package loopgate again: apt brings what it depends on";
constexpr const char* build = "run cmake -S . -B build -G Ninja && cmake --build build";

using State = DoctorFinding::State;

DoctorFinding check_qemu(const Board& board) {
  auto version = qemu_version(board);
  if (version)
    return {State::good, "QEMU", fmt::format("{} {}", find_program(board.qemu().binary), *version), ""};
  return {State::missing, "QEMU", version.error().what,
          board.architecture == Architecture::amd64 ? "install qemu-system-x86: ci/setup does" : install};
}

// The plugin itself looks QEMU's functions up and names those missing; it is loaded with a machine of no
// parts.
DoctorFinding check_instrument(const Board& board) {
  const fs::path plugin = instrument_plugin();
  if (!fs::exists(plugin)) return {State::missing, "instrument", plugin.string() + " is not built", build};
  auto asked = run_program({board.qemu().binary, "-M", "none", "-display", "none", "-nodefaults", "-plugin",
                            fmt::format("{},{}", plugin.string(), plugin_check_argument)},
                           ask_limit);
  if (!asked) return {State::missing, "instrument", asked.error().what, install};
  if (asked->exit_status == static_cast<int>(PluginCheck::complete))
    return {State::good, "instrument", "QEMU exports every function that it needs", ""};
  return {State::missing, "instrument", asked->errors.substr(0, asked->errors.find('\n')),
          "use Debian's QEMU 10"};
}

DoctorFinding check_kvm() {
  const KvmAnswer answer = try_kvm();
  return {answer.usable ? State::good : State::optional, "KVM",
          answer.what + (answer.usable ? "" : " (the virtual bench does without)"), ""};
}

DoctorFinding check_program(const std::string& what, const std::string& program) {
  const std::string path = find_program(program);
  return {path.empty() ? State::missing : State::good, what,
          path.empty() ? program + " is not installed" : path, install};
}

DoctorFinding check_python() {
  auto asked = run_program({"/usr/bin/python3", "-Es", "-c",  // as reports/report runs
                            "import os; os.environ['MPLBACKEND'] = 'agg'; import matplotlib, numpy, jinja2; "
                            "print(matplotlib.__version__)"},
                           ask_limit);
  if (asked && asked->exit_status == 0)
    return {State::good, "reports", "matplotlib " + asked->output.substr(0, asked->output.find('\n')), ""};
  return {State::missing, "reports", "/usr/bin/python3 lacks matplotlib, NumPy or Jinja2", install};
}

DoctorFinding check_packages(const fs::path& root) {
  auto asked = run_program({(root / "ci" / "setup").string(), "--check", "--without-tests"}, ask_limit);
  if (asked && asked->exit_status == 0)
    return {State::good, "packages", "all that is needed to run is installed", ""};
  std::string missing = asked ? asked->output + asked->errors : asked.error().what;
  while (!missing.empty() && missing.back() == '\n') missing.pop_back();
  return {State::missing, "packages", missing, install};
}

DoctorFinding check_target(const Board& board) {
  const fs::path programs = target_programs(board.architecture);
  if (fs::exists(programs)) return {State::good, "target programs", programs.string(), ""};
  return {State::missing, "target programs", programs.string() + " is not built",
          board.architecture == Architecture::arm64
              ? build
              : std::string("run ") + facts_of(board.architecture).build_command};
}

DoctorFinding check_cache() {
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

}  // namespace

std::vector<DoctorFinding> check_host_for(const Board& board) {
  if (!board.is_virtual()) return {check_target(board)};
  return {check_qemu(board), check_instrument(board), check_target(board)};
}

std::vector<DoctorFinding> check_host(const fs::path& root, const Board& board,
                                      const std::string& unknown_locale) {
  std::vector<DoctorFinding> findings;
  const auto add = [&](DoctorFinding finding) { findings.push_back(std::move(finding)); };
  // An installed one has its packages by dpkg, and builds nothing.
  std::error_code ignored;
  const bool builds = fs::exists(root / "ci" / "setup", ignored);
  if (builds) add(check_packages(root));
  for (DoctorFinding& finding : check_host_for(board)) add(std::move(finding));
  if (builds) {
    add(check_program("cross compiler", "clang++-19"));
    add(check_program("cross linker", "ld.lld-19"));
  }
  add(check_python());
  add(check_cache());
  add(check_kvm());
  for (DoctorFinding& finding : findings)
    if (!builds && finding.fix.starts_with("run ")) finding.fix = install_again;
  if (!unknown_locale.empty())
    findings.push_back({State::optional, "locale",
                        unknown_locale + " is not installed here; C is used instead, which changes nothing",
                        "install it with dpkg-reconfigure locales, or unset it"});
  return findings;
}

}  // namespace loopgate
