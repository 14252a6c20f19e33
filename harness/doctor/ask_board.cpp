#include "doctor/ask_board.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "board/board_claim.h"
#include "board/board_folder.h"
#include "board/boot_once.h"
#include "board/borrowed_place.h"
#include "board/console_port.h"
#include "board/remote.h"
#include "board/ssh_proxy.h"
#include "doctor/board_check.h"
#include "machine/loopback_request.h"
#include "run/paths.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using State = DoctorFinding::State;

constexpr std::chrono::seconds check_limit{30};
constexpr std::uint32_t edges_per_s = 5'000;  // of a fast board; an emulator takes longer

// Opened and closed again: a device that is not there, or a port that nobody listens on, hears no panic.
DoctorFinding ask_console(const LabBoard& lab) {
  constexpr int limit_ms = 3000, proxy_limit_ms = 8000;
  DoctorFinding finding = judge_console(lab);
  if (finding.state != State::good) return finding;
  const auto opened = parse_console_port(lab.console, lab.console_baud).and_then([&](ConsolePort port) {
    port.proxy = console_proxy_of(lab);
    return open_console_port(port, port.proxy ? proxy_limit_ms : limit_ms);
  });
  if (!opened) return {State::missing, "console", opened.error().what, opened.error().next_step};
  if (!lab.console_proxy.empty()) finding.what += ", through " + lab.console_proxy;
  return finding;
}

// The loopback program drives all wires before any payload has its lines.
Result<ProcessResult> check_wires(Remote* remote, const Board& board, bool verdict) {
  const fs::path program = target_programs(board.architecture).parent_path() / "loopback";
  std::error_code ignored;
  if (!fs::exists(program, ignored))
    return fail(ErrorKind::infrastructure, program.string() + " is not built",
                facts_of(board.architecture).build_command);
  auto made = remote->run_script(make_scratch_script("loopgate-doctor"));
  if (!made) return tl::unexpected(made.error());
  const std::string place = made->substr(0, made->find('\n'));
  const auto check = [&]() -> Result<ProcessResult> {
    if (auto copied = remote->copy_in(program, place + "/loopback", "755"); !copied)
      return tl::unexpected(copied.error());
    PulseSettings pulses;
    pulses.decisions = verdict;
    std::vector<std::string> argv = loopback_request(board, pulses).check_argv;
    argv.front() = place + "/loopback";
    const auto out = std::ranges::find(argv, "--out");
    if (out != argv.end() && std::next(out) != argv.end()) *std::next(out) = place + "/check.json";
    RemoteCommand command;
    command.limit = std::chrono::ceil<std::chrono::seconds>(
        std::chrono::milliseconds(loopback_check_timeout_ms(board.check_edges)));
    command.script = quoted(argv);
    return remote->run(command);
  };
  auto checked = check();
  (void)remote->run_script(remove_scratch_script(place));  // what is left is gone with the next boot
  return checked;
}

DoctorFinding ask_wires(Remote* remote, const Board& board, const Notify& notify) {
  const bool verdict = board.lines.verdict_in >= 0;
  if (board.check_edges > 0 && notify)
    notify(fmt::format("sending {} edges on each jumper: about {} s, at most {} s",
                       with_thousands(board.check_edges), board.check_edges / edges_per_s + 1,
                       loopback_check_timeout_ms(board.check_edges) / 1'000));
  const auto all = check_wires(remote, board, verdict);
  if (all && all->exit_status != 0)
    if (auto finding = judge_wires_again(all, check_wires(remote, board, verdict))) return *finding;
  if (!verdict || (all && all->exit_status == 0)) return judge_wires(board, all);
  return judge_three_wires(board, all, check_wires(remote, board, false));
}

Result<ProcessResult> check_boot_method(Remote* remote, const Board& board) {
  RemoteCommand command;
  command.script = BootOnce::make(board.ssh())->check();
  command.limit = check_limit;
  return remote->run(command);
}

std::vector<DoctorFinding> ask_over_ssh(const Board& board, const LabBoard& lab, const Notify& notify) {
  const auto claim = BoardClaim::of(lab);
  if (!claim) return {{State::missing, "free", claim.error().what, claim.error().next_step}};
  auto remote = Remote::connect(lab, RemoteLimits());
  if (!remote) return {{State::missing, "reachable", remote.error().what, remote.error().next_step}};
  std::vector<DoctorFinding> findings = {{State::good, "reachable", "ssh " + lab.ssh, ""}};
  const auto answer = (*remote)->run_script(board_check_script(board));
  for (DoctorFinding& finding : judge_board(board, answer.value_or("")))
    findings.push_back(std::move(finding));
  findings.push_back(judge_boot_method(board, check_boot_method(remote->get(), board)));
  if (board.lines.stimulus_out >= 0) findings.push_back(ask_wires(remote->get(), board, notify));
  return findings;
}

std::vector<DoctorFinding> ask_bench(const Board& board, const LabBoard& lab, const Notify& notify) {
  std::vector<DoctorFinding> findings = ask_over_ssh(board, lab, notify);
  findings.push_back(ask_console(lab));
  for (DoctorFinding& finding : judge_power(board, lab)) findings.push_back(std::move(finding));
  return findings;
}

// What can't be acquired is not asked further.
Result<std::vector<DoctorFinding>> ask_borrowed(const Board& board, const LabBoard& lab,
                                                const Notify& notify) {
  auto place = BorrowedPlace::borrow(lab, notify, std::chrono::seconds(0));
  if (!place && place.error().kind == ErrorKind::usage) return tl::unexpected(place.error());
  if (!place)
    return std::vector<DoctorFinding>{
        {State::missing, "labgrid", place.error().what, place.error().next_step}};
  const LabgridPlace& ours = (*place)->place();
  std::vector<DoctorFinding> findings = {
      {State::good, "labgrid", fmt::format("place {} of {}", ours.place, ours.coordinator), ""}};
  for (DoctorFinding& finding : ask_bench(board, (*place)->board(), notify))
    findings.push_back(std::move(finding));
  if (auto given = (*place)->give_back(); !given)
    findings.push_back({State::missing, "labgrid", given.error().what, given.error().next_step});
  return findings;
}

}  // namespace

Result<std::vector<DoctorFinding>> ask_board(const Board& board, const LabBoard& lab, const Notify& notify) {
  if (lab.labgrid) return ask_borrowed(board, lab, notify);
  return ask_bench(board, lab, notify);
}

}  // namespace loopgate
