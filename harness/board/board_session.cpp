#include "board/board_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/elapsed.h"
#include "base/file.h"
#include "base/process.h"
#include "machine/console.h"
#include "record/artifacts.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Clock = BoardLink::Clock;

// For a network that stutters, or a kernel that is busy with nothing but its load.
constexpr std::chrono::seconds lost_for{60};
// A look while measuring keeps the agent's words waiting.
constexpr std::chrono::seconds look_limit{10};
constexpr std::chrono::seconds watch_limit{60};

bool is_candidate(const CellRequest& order) { return order.kernel.has_value(); }

}  // namespace

BoardSession::BoardSession(const Board& board, const LabBoard& lab, SshMachineOptions options)
    : board_(board),
      lab_(lab),
      options_(std::move(options)),
      link_(lab),
      deployment_(board, lab, &link_, options_.tell) {}

std::vector<std::vector<std::string>> BoardSession::commands(const CellRequest& order) const {
  std::vector<std::vector<std::string>> all = {
      Remote::connection_command(lab_, link_.limits(), "/tmp/loopgate-ssh-…/s")};
  if (is_candidate(order)) {
    const SshBoard& boot = board_.ssh();
    const auto once = BootOnce::make(boot);
    const std::string line = candidate_command_line(boot, order.kernel_arguments, "…");
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
  machine.cpus = board_.cpus;
  machine.measured_cpus = numbers(board_.measured_cpus);
  machine.housekeeping_cpus = numbers(board_.housekeeping_cpus);
  if (lab_.labgrid) machine.labgrid = {lab_.labgrid->place, lab_.labgrid->coordinator};
  return machine;
}

Result<MachineRun> BoardSession::run(const CellRequest& order, const ProgressListener& observe) {
  if (order.symbols || !order.trace.file.empty())
    return fail(ErrorKind::usage,
                fmt::format("board {} is a real one: its runs can't be explained", board_.name),
                "explain a run of the virtual bench");
  if (order.records)
    return fail(ErrorKind::usage,
                fmt::format("board {}: suites with decisions are for the virtual bench", board_.name));
  std::string lines = "# What the board is asked for, beside copying files.\n";
  for (const auto& argv : commands(order)) lines += quoted(argv) + "\n";
  if (auto written = write_file_atomically(order.folder / "commands.txt", lines); !written)
    return tl::unexpected(written.error());
  if (!lab_.console.empty() && !console_) {
    auto console = ConsoleLog::open(lab_.console, lab_.console_baud);
    if (!console) return tl::unexpected(console.error());
    console_ = std::move(*console);
  }
  if (console_) {
    if (auto begun = console_->begin(order.folder / "console.log"); !begun)
      return tl::unexpected(begun.error());
    deployment_.listen_to(console_.get());
  }
  auto run = measure(order, observe);
  if (console_) console_->end();
  return run;
}

Status BoardSession::bring_up(const CellRequest& order, const ProgressListener& observe, MachineRun* run) {
  if (!spoiled_ && !boot_.empty() && boot_ == order.boot) {
    auto now = link_.look();
    if (now && now->boot_id == kernel_.boot_id) return {};
    if (now)
      return fail(ErrorKind::kernel, "the kernel restarted by itself between two cells", "see console.log");
    return tl::unexpected(whose_fault(now.error()));
  }
  if (observe) observe(Stage::booting, {});
  const auto start = Clock::now();
  boot_.clear();
  auto kernel = is_candidate(order) ? deployment_.boot(*order.kernel, order.kernel_arguments)
                                    : deployment_.go_home(spoiled_);
  if (!kernel) return tl::unexpected(kernel.error());
  if (console_ && !is_candidate(order)) console_->mark();  // deployment_ marks a candidate's start
  run->boot_s = seconds_since(start);
  spoiled_ = ran_ = false;
  kernel_ = *kernel;
  boot_ = order.boot;
  return {};
}

Status BoardSession::watch(CellPhase moment, const CellRequest& order) {
  if (!options_.watch) return {};
  return options_.watch(moment, order, [this, moment](const std::string& script) {
    return link_.remote() == nullptr
               ? Result<std::string>(fail(ErrorKind::infrastructure, "the board is not connected"))
               : link_.remote()->ask(script, moment == CellPhase::during ? look_limit : watch_limit);
  });
}

Result<MachineRun> BoardSession::measure(const CellRequest& order, const ProgressListener& observe) {
  MachineRun run;
  if (auto up = bring_up(order, observe, &run); !up) return tl::unexpected(up.error());
  console_losses_ = console_ ? console_->losses() : 0;
  const auto start = Clock::now();
  const auto carry_out = [&]() -> Status {
    if (auto done = folder_.deliver(link_.remote(), kernel_.boot_id, order); !done) return done;
    if (auto seen = watch(CellPhase::before, order); !seen) return seen;
    auto looked = Clock::now();
    const auto during = [&] {
      if (Clock::now() - looked < options_.watch_every) return;
      looked = Clock::now();
      (void)watch(CellPhase::during, order);
    };
    const double delivered_s = seconds_since(start);
    ran_ = true;
    auto end = AgentRun(link_.remote(), limits_of(order)).run(folder_.agent_script(), observe, during);
    if (!end) return tl::unexpected(end.error());
    run.end = end->event;
    run.agent_failed = end->event.kind == InstrumentEvent::Kind::failed;
    if (end->to_first_counted_s > 0) run.to_first_stimulus_s = delivered_s + end->to_first_counted_s;
    if (auto seen = watch(CellPhase::after, order); !seen) return seen;
    return fetch(order, &run);
  };
  if (auto done = carry_out(); !done) {
    spoiled_ = true;
    return tl::unexpected(whose_fault(done.error()));
  }
  run.total_s = seconds_since(start);
  return run;
}

Status BoardSession::fetch(const CellRequest& order, MachineRun* run) {
  Remote* remote = link_.remote();
  const fs::path report = order.folder / "report.json";
  if (auto copied = remote->copy_out(folder_.result("report.json"), report); !copied)
    return tl::unexpected(copied.error());
  auto text = read_file(report);
  if (!text) return tl::unexpected(text.error());
  run->report = std::move(*text);
  for (const Artifact& one : artifacts) {
    if (!one.left_on_a_board) continue;
    const std::string path = folder_.result(one.name);
    auto there = remote->ask(fmt::format("[ ! -e {} ] || echo yes", quoted({path})));
    if (!there) return tl::unexpected(there.error());
    // Without an end of measuring there may be anything; a cell that needs one says so itself.
    if (there->empty() && (run->agent_failed || !one.needed)) continue;
    if (auto copied = remote->copy_out(path, order.folder / one.name); !copied)
      return tl::unexpected(copied.error());
  }
  return {};
}

// What went wrong while the board was being talked to: by the bench, or by the kernel?
Error BoardSession::whose_fault(const Error& error) {
  if (error.kind != ErrorKind::infrastructure) return error;
  spoiled_ = true;
  const auto panic = [&] { return read_console(console_ ? console_->text() : ""); };
  if (link_.connected()) {
    const ConsoleFinding finding = panic();
    return finding.kernel_failed ? Error{ErrorKind::kernel, finding.what, "see console.log"} : error;
  }
  auto seen = link_.await_boot("", Clock::now() + lost_for, [&] { return panic().kernel_failed; });
  if (const ConsoleFinding finding = panic(); finding.kernel_failed)
    return {ErrorKind::kernel, finding.what, "see console.log"};
  if (seen && seen->boot_id == kernel_.boot_id)
    return {ErrorKind::infrastructure, error.what + "; the board is there again, on the same boot",
            "is its network sound? go on with --resume"};
  // A kernel that hangs or restarts leaves its serial line connected.
  const Error without_power{ErrorKind::infrastructure,
                            "the board and its serial console were lost together, as when the power is cut",
                            "is its supply good? go on with --resume"};
  const bool cut = lost_its_console();
  if (seen)
    return cut ? without_power
               : Error{ErrorKind::kernel, "the kernel restarted by itself", "see console.log"};
  // Nobody can switch it: then it comes back by itself, or stays away.
  if (!lab_.has_power()) {
    seen = link_.await_boot("", Clock::now() + std::chrono::seconds(board_.ssh().boot_timeout_s));
    if (seen && seen->boot_id == kernel_.boot_id)
      return {ErrorKind::infrastructure, error.what + "; the board is there again, on the same boot",
              "is its network sound? go on with --resume"};
  }
  const auto back = deployment_.go_home();
  if (back && cut) return without_power;
  if (back)
    return {ErrorKind::kernel,
            fmt::format("the kernel hung: the board was not reached for {} s, and is again since {}",
                        lost_for.count(), lab_.has_power() ? "its power was switched" : "it restarted"),
            "see console.log"};
  return {ErrorKind::infrastructure, error.what + "; and " + back.error().what, back.error().next_step};
}

Status BoardSession::finish() {
  boot_.clear();
  if (link_.connected() && !spoiled_) (void)folder_.remove(link_.remote());
  // What a cell left on the known-good kernel ends with its boot alone.
  Status left;
  if (auto home = deployment_.go_home(spoiled_ && ran_); !home) left = tl::unexpected(home.error());
  if (left) left = deployment_.leave();
  link_.close();
  return left;
}

Result<std::string> BoardSession::ask(const std::string& script) {
  if (auto there = link_.look(); !there) return tl::unexpected(there.error());
  return link_.remote()->ask(script);
}

}  // namespace loopgate
