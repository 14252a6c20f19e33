#include "board/board_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/elapsed.h"
#include "base/file.h"
#include "base/process.h"
#include "record/artifacts.h"
#include "record/console.h"
#include "record/frames_file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Clock = BoardLink::Clock;

// For a network that stutters, or a kernel that is kept busy by its load.
constexpr std::chrono::seconds lost_for{60};
// A hook that runs while measuring delays the reading of the agent's events.
constexpr std::chrono::seconds during_limit{10};
constexpr std::chrono::seconds watch_limit{60};

// The payload's file has room for all frames; those that it wrote are kept.
Status keep_written_records(const fs::path& folder) {
  const fs::path path = folder / frames_artifact.name;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  TRY(bytes, read_file(path));
  return write_file_atomically(path, written_records(bytes));
}

bool is_candidate(const CellRequest& request) { return request.kernel.has_value(); }

}  // namespace

BoardSession::BoardSession(const Board& board, const LabBoard& lab, SshMachineOptions options)
    : board_(board),
      lab_(lab),
      options_(std::move(options)),
      link_(lab),
      deployment_(board, lab, &link_, options_.notify) {}

std::vector<std::vector<std::string>> BoardSession::commands(const CellRequest& request) const {
  std::vector<std::vector<std::string>> all = {
      Remote::connection_command(lab_, link_.limits(), "/tmp/loopgate-…-ssh-…/s")};
  if (is_candidate(request)) {
    const SshBoard boot = board_.ssh();
    const auto once = BootOnce::make(boot);
    const std::string line = candidate_command_line(boot, request.kernel_arguments, "…");
    for (const std::string& script : {once->check(), once->arm(line), once->restart(), once->remove()})
      all.push_back({"ssh", lab_.ssh, quoted({"sh", "-c", script})});
  }
  BoardFolder folder;
  all.push_back({"ssh", lab_.ssh, quoted({"sh", "-c", folder.agent_script()})});
  for (const auto& argv : {lab_.power_off, lab_.power_on, lab_.power_cycle})
    if (!argv.empty()) all.push_back(argv);
  return all;
}

MachineRecord BoardSession::describe() const {
  const auto numbers = [](const std::vector<int>& cpus) {
    return std::vector<std::int64_t>(cpus.begin(), cpus.end());
  };
  BoardMachineRecord machine;
  machine.reached_by = lab_.labgrid ? "labgrid" : "ssh";
  machine.address = lab_.ssh.substr(lab_.ssh.rfind('@') + 1);
  machine.boot_method = name_of(board_.ssh().method);
  machine.root = board_.ssh().root;
  machine.gpio_chip = board_.gpio_chip;
  machine.lines = {{"stimulus", board_.lines.stimulus},
                   {"response", board_.lines.response},
                   {"stimulus_out", board_.lines.stimulus_out},
                   {"response_in", board_.lines.response_in}};
  if (board_.lines.verdict_in >= 0) {
    machine.lines["verdict"] = board_.lines.verdict;
    machine.lines["verdict_in"] = board_.lines.verdict_in;
  }
  machine.cpus = board_.cpus;
  machine.measured_cpus = numbers(board_.measured_cpus);
  machine.housekeeping_cpus = numbers(board_.housekeeping_cpus);
  if (lab_.labgrid) machine.labgrid = {lab_.labgrid->place, lab_.labgrid->coordinator};
  return machine;
}

Result<MachineRun> BoardSession::run(const CellRequest& request, const ProgressListener& on_progress) {
  if (request.symbols || !request.trace.file.empty())
    return fail(
        ErrorKind::usage,
        fmt::format("{} is a real board: explain works on runs of the virtual bench only", board_.name),
        "explain a run of the virtual bench");
  TRY_STATUS(claim());
  std::string lines = "# Commands run on the board, without the copying of files.\n";
  for (const auto& argv : commands(request)) lines += quoted(argv) + "\n";
  if (auto written = write_file_atomically(request.folder / "commands.txt", lines); !written)
    return tl::unexpected(written.error());
  if (!lab_.console.empty() && !console_) {
    auto console = ConsoleLog::open(lab_.console, lab_.console_baud, console_proxy_of(lab_));
    if (!console) return tl::unexpected(console.error());
    console_ = std::move(*console);
  }
  if (console_) {
    if (auto begun = console_->begin(request.folder / "console.log"); !begun)
      return tl::unexpected(begun.error());
    deployment_.listen_to(console_.get());
  }
  auto run = measure(request, on_progress);
  if (console_) console_->end();
  return run;
}

Status BoardSession::bring_up(const CellRequest& request, const ProgressListener& on_progress,
                              MachineRun* run) {
  if (!needs_reboot_ && !boot_.empty() && boot_ == request.boot) {
    auto now = link_.identify();
    if (now && now->boot_id == kernel_.boot_id) return {};
    if (now)
      return fail(ErrorKind::kernel, "the kernel restarted by itself between two cells", "see console.log");
    return tl::unexpected(classify_failure(now.error()));
  }
  if (on_progress) on_progress(Stage::booting, {});
  const auto start = Clock::now();
  boot_.clear();
  auto kernel = is_candidate(request) ? deployment_.boot(*request.kernel, request.kernel_arguments)
                                      : deployment_.return_to_known_good(needs_reboot_);
  if (!kernel) return tl::unexpected(kernel.error());
  if (!is_candidate(request) && !std::exchange(method_checked_, true)) TRY_STATUS(deployment_.check_method());
  if (console_ && !is_candidate(request)) console_->mark();  // deployment_ marks a candidate's start
  run->boot_s = seconds_since(start);
  needs_reboot_ = ran_ = false;
  kernel_ = *kernel;
  boot_ = request.boot;
  return {};
}

Status BoardSession::watch(CellPhase phase, const CellRequest& request) {
  if (!options_.hooks) return {};
  return options_.hooks(phase, request, [this, phase](const std::string& script) {
    return link_.remote() == nullptr
               ? Result<std::string>(fail(ErrorKind::infrastructure, "the board is not connected"))
               : link_.remote()->run_script(script, phase == CellPhase::during ? during_limit : watch_limit);
  });
}

Result<MachineRun> BoardSession::measure(const CellRequest& request, const ProgressListener& on_progress) {
  MachineRun run;
  if (auto up = bring_up(request, on_progress, &run); !up) return tl::unexpected(up.error());
  console_disconnects_ = console_ ? console_->disconnects() : 0;
  const auto start = Clock::now();
  const auto carry_out = [&]() -> Status {
    if (auto done = folder_.deliver(link_.remote(), kernel_.boot_id, request); !done) return done;
    if (auto seen = watch(CellPhase::before, request); !seen) return seen;
    auto looked = Clock::now();
    const auto during = [&] {
      if (Clock::now() - looked < options_.hook_interval) return;
      looked = Clock::now();
      (void)watch(CellPhase::during, request);
    };
    const double delivered_s = seconds_since(start);
    ran_ = true;
    auto end =
        AgentRun(link_.remote(), agent_limits(request)).run(folder_.agent_script(), on_progress, during);
    if (!end) return tl::unexpected(end.error());
    run.end = end->event;
    run.agent_failed = end->event.kind == InstrumentEvent::Kind::failed;
    if (end->to_first_counted_s > 0) run.to_first_stimulus_s = delivered_s + end->to_first_counted_s;
    if (auto seen = watch(CellPhase::after, request); !seen) return seen;
    return fetch(request, &run);
  };
  if (auto done = carry_out(); !done) {
    needs_reboot_ = true;
    return tl::unexpected(classify_failure(done.error()));
  }
  run.total_s = seconds_since(start);
  return run;
}

Status BoardSession::fetch(const CellRequest& request, MachineRun* run) {
  Remote* remote = link_.remote();
  const fs::path report = request.folder / "report.json";
  if (auto copied = remote->copy_out(folder_.result("report.json"), report); !copied)
    return tl::unexpected(copied.error());
  auto text = read_file(report);
  if (!text) return tl::unexpected(text.error());
  run->report = std::move(*text);
  if (std::holds_alternative<ProgramsRequest>(request.work)) return {};  // the report has all of it
  for (const Artifact& one : artifacts) {
    if (!one.left_on_a_board) continue;
    const std::string path = folder_.result(one.name);
    auto there = remote->run_script(fmt::format("[ ! -e {} ] || echo yes", quoted({path})));
    if (!there) return tl::unexpected(there.error());
    // A cell that did not finish may have left any of them; a judge that needs one reports that it is
    // missing.
    if (there->empty() && (run->agent_failed || !one.needed)) continue;
    if (auto copied = remote->copy_out(path, request.folder / one.name); !copied)
      return tl::unexpected(copied.error());
  }
  return std::holds_alternative<DecisionRequest>(request.work) ? keep_written_records(request.folder)
                                                               : Status();
}

// Decides whether the bench or the kernel caused an error of the connection.
Error BoardSession::classify_failure(const Error& error) {
  if (error.kind != ErrorKind::infrastructure) return error;
  needs_reboot_ = true;
  const auto panic = [&] { return read_console(console_ ? console_->text() : ""); };
  if (link_.connected()) {
    const ConsoleFinding finding = panic();
    return finding.kernel_failed ? Error{ErrorKind::kernel, finding.what, "see console.log"} : error;
  }
  auto seen = link_.await_boot("", Clock::now() + lost_for, [&] { return panic().kernel_failed; });
  if (const ConsoleFinding finding = panic(); finding.kernel_failed)
    return {ErrorKind::kernel, finding.what, "see console.log"};
  if (seen && seen->boot_id == kernel_.boot_id)
    return {ErrorKind::infrastructure, error.what + "; the board is reachable again, on the same boot",
            "check its network, then continue with --resume"};
  // A kernel that hangs or restarts leaves its serial line connected.
  const Error without_power{ErrorKind::infrastructure,
                            "the board and its serial console were lost together, as in a power cut",
                            "check its power supply, then continue with --resume"};
  const bool cut = console_disconnected();
  if (seen)
    return cut ? without_power
               : Error{ErrorKind::kernel, "the kernel restarted by itself", "see console.log"};
  // Without a power switch it comes back by itself, or not at all.
  if (!lab_.has_power()) {
    seen = link_.await_boot("", Clock::now() + std::chrono::seconds(board_.ssh().boot_timeout_s));
    if (seen && seen->boot_id == kernel_.boot_id)
      return {ErrorKind::infrastructure, error.what + "; the board is reachable again, on the same boot",
              "check its network, then continue with --resume"};
  }
  const auto back = deployment_.return_to_known_good();
  if (back && cut) return without_power;
  if (back)
    return {ErrorKind::kernel,
            fmt::format("the kernel hung: the board was unreachable for {} s, until {}", lost_for.count(),
                        lab_.has_power() ? "its power was cycled" : "it restarted"),
            "see console.log"};
  return {ErrorKind::infrastructure, error.what + "; and " + back.error().what, back.error().next_step};
}

Status BoardSession::claim() {
  if (claim_) return {};
  TRY(claim, BoardClaim::of(lab_));
  claim_.emplace(std::move(claim));
  return {};
}

Status BoardSession::finish() {
  if (!claim_) return {};  // it was never ours
  boot_.clear();
  if (link_.connected() && !needs_reboot_) (void)folder_.remove(link_.remote());
  // Only a restart is sure to end what a cell left running on the known-good kernel.
  Status left;
  if (auto known_good = deployment_.return_to_known_good(needs_reboot_ && ran_); !known_good)
    left = tl::unexpected(known_good.error());
  if (left) left = deployment_.leave();
  link_.close();
  claim_.reset();
  return left;
}

Result<std::string> BoardSession::run_script(const std::string& script) {
  TRY_STATUS(claim());
  if (auto there = link_.identify(); !there) return tl::unexpected(there.error());
  return link_.remote()->run_script(script);
}

}  // namespace loopgate
