#include "qemu/qemu_machine.h"

#include <fmt/format.h>

#include "base/elapsed.h"
#include "base/file.h"
#include "base/process.h"
#include "qemu/qemu_command.h"
#include "qemu/qemu_fault.h"
#include "qemu/qemu_steps.h"
#include "qemu/shared_memory.h"
#include "qemu/workplace.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Kind = InstrumentEvent::Kind;
using SessionClock = QemuSession::Clock;

// Job and files, for the agent to find when the guest goes on.
Status hand_in(const CellRequest& order, SharedMemory* memory) {
  memory->write_job(order.job);
  for (const PayloadFile& file : order.files) {
    if (auto done = memory->write_file(file); !done) return done;
  }
  return {};
}

// From the guest's going on to the agent's last word.
Result<MachineRun> follow(QemuSession* session, const fs::path& console, SessionClock::time_point start,
                          const ProgressListener& observe) {
  MachineRun run;
  auto event = await_event(
      session, {{Kind::ready, Kind::reported, Kind::failed}, Stage::getting_ready, console}, observe);
  if (!event) return tl::unexpected(event.error());
  if (event->kind == Kind::ready) {
    const ProgressListener timed = [&](Stage stage, const InstrumentEvent& seen) {
      if (seen.kind == Kind::counting) run.to_first_stimulus_s = seconds_since(start);
      if (observe) observe(stage, seen);
    };
    event = await_event(session, {{Kind::measured, Kind::failed}, Stage::measuring, console}, timed);
    if (!event) return tl::unexpected(event.error());
  }
  if (event->kind == Kind::measured) {
    event = await_event(session, {{Kind::reported, Kind::failed}, Stage::reporting, console}, observe);
    if (!event) return tl::unexpected(event.error());
  }
  run.end = *event;
  run.agent_failed = event->kind == Kind::failed;
  return run;
}

// What the guest left in the shared memory.
Status take_out(const CellRequest& order, const SharedMemory& memory, MachineRun* run) {
  if (order.symbols) {
    run->symbols = memory.symbols();
  } else {
    run->report = memory.report();
  }
  if (!order.records) return {};
  return write_file_atomically(order.folder / "frames.lgf", memory.records());
}

}  // namespace

QemuMachine::QemuMachine(const Board& board, QemuIdentity identity, MakeInstrument make_instrument,
                         StateStore states)
    : board_(board),
      identity_(std::move(identity)),
      make_instrument_(std::move(make_instrument)),
      states_(std::move(states)) {}

Measurement QemuMachine::measurement_for(const CellRequest& order, bool restore,
                                         std::int64_t saved_at_ns) const {
  Measurement measurement;
  measurement.folder = Workplace::of(order.folder, restore);
  measurement.channel = measurement.folder / Workplace::channel_file;
  if (!restore) return measurement;
  measurement.samples = order.folder / "samples.lgs";
  measurement.pulses = order.pulses;
  measurement.loopback_measures = order.loopback_measures;
  measurement.trace = order.trace;
  measurement.storm_per_second = order.storm_per_second;
  measurement.saved_at_ns = saved_at_ns;
  measurement.ready_timeout_ns = order.ready_limit_ns;
  return measurement;
}

std::vector<std::string> QemuMachine::command_for(const CellRequest& order, const Measurement& measurement,
                                                  bool restore, const fs::path& console) const {
  const QemuFiles files{order.kernel.image, order.target.initrd, measurement.channel, console,
                        measurement.folder / Workplace::monitor_file};
  return qemu_command(board_, files, kernel_command_line(board_, order.kernel_arguments),
                      make_instrument_()->machine_arguments(measurement), restore);
}

std::vector<std::vector<std::string>> QemuMachine::commands(const CellRequest& order) const {
  const fs::path console = order.folder / "console.log";
  return {command_for(order, measurement_for(order, false, 0), false, console),
          command_for(order, measurement_for(order, true, 0), true, console)};
}

std::string QemuMachine::state_key(const CellRequest& order) const {
  // The paths differ from cell to cell and have no part in the guest's state.
  const QemuFiles files{"kernel", "initrd", "channel", "console", "monitor"};
  std::vector<std::string> inputs =
      qemu_command(board_, files, kernel_command_line(board_, order.kernel_arguments), {}, false);
  inputs.insert(inputs.end(), {identity_.version, identity_.binary_sha256, identity_.instrument_sha256,
                               order.kernel.image_sha256, order.target.initrd_sha256});
  return StateStore::key(inputs);
}

Result<SavedState> QemuMachine::state_after_boot(const CellRequest& order, const ProgressListener& observe,
                                                 double* boot_s) {
  const std::string key = state_key(order);
  auto lock = states_.lock(key);
  if (!lock) return tl::unexpected(lock.error());
  if (auto state = states_.find(key)) return *state;
  const auto start = SessionClock::now();
  auto state = boot(order, key, observe);
  *boot_s = seconds_since(start);
  return state;
}

Result<SavedState> QemuMachine::boot(const CellRequest& order, const std::string& key,
                                     const ProgressListener& observe) {
  auto folder = states_.begin(key);
  if (!folder) return tl::unexpected(folder.error());
  const Measurement measurement = measurement_for(order, false, 0);
  const Workplace workplace(measurement.folder);
  if (auto made = workplace.make(); !made) return tl::unexpected(made.error());
  const fs::path console = *folder / "console.log";
  auto instrument = make_instrument_();
  if (auto prepared = instrument->prepare(measurement); !prepared) return tl::unexpected(prepared.error());
  auto session = QemuSession::start(command_for(order, measurement, false, console),
                                    workplace.path() / Workplace::errors_file, instrument.get());
  if (!session) return tl::unexpected(session.error());

  const auto boot_it = [&]() -> Result<SavedState> {
    if (auto done =
            take_hold(session->get(), workplace.path(), {{Kind::wired}, Stage::booting, console}, observe);
        !done)
      return tl::unexpected(done.error());
    if (auto done = (*session)->command("cont"); !done) return tl::unexpected(done.error());
    auto booted =
        await_event(session->get(), {{Kind::booted, Kind::failed}, Stage::booting, console}, observe);
    if (!booted) return tl::unexpected(booted.error());
    if (booted->kind == Kind::failed) {
      auto memory = SharedMemory::open(measurement.channel);
      return fail(ErrorKind::kernel,
                  "the kernel's boot never came to its end: " +
                      (memory ? why_agent_failed(memory->report()) : memory.error().what),
                  "see console.log");
    }
    if (auto done = save_state(session->get(), *folder / "state.bin"); !done)
      return tl::unexpected(done.error());
    return states_.keep(key, booted->virtual_ns);
  };
  auto state = boot_it();
  if (!state) {  // what the console said is the cell's evidence; the rest of the unfinished state is of no
                 // use
    std::error_code ignored;
    fs::copy_file(console, order.folder / "console.log", fs::copy_options::overwrite_existing, ignored);
    session->reset();
    states_.remove(key);
  }
  return state;
}

Result<MachineRun> QemuMachine::measure(const CellRequest& order, const SavedState& state,
                                        const ProgressListener& observe, bool* restored) {
  const auto start = SessionClock::now();
  const Measurement measurement = measurement_for(order, true, state.saved_at_ns);
  const Workplace workplace(measurement.folder);
  if (auto made = workplace.make(); !made) return tl::unexpected(made.error());
  const fs::path console = order.folder / "console.log";
  auto instrument = make_instrument_();
  if (auto prepared = instrument->prepare(measurement); !prepared) return tl::unexpected(prepared.error());
  auto session = QemuSession::start(command_for(order, measurement, true, console),
                                    workplace.path() / Workplace::errors_file, instrument.get());
  if (!session) return tl::unexpected(session.error());
  QemuSession* qemu = session->get();

  Status done = take_hold(qemu, workplace.path(), {{Kind::wired}, Stage::restoring, console}, observe);
  if (done) done = restore_state(qemu, state.file);
  if (!done) return tl::unexpected(done.error());
  *restored = true;
  auto memory = SharedMemory::open(measurement.channel);
  if (!memory) return tl::unexpected(memory.error());
  done = hand_in(order, &*memory);
  if (done) done = qemu->command("cont");
  if (!done) return tl::unexpected(done.error());
  auto run = follow(qemu, console, start, observe);
  if (!run) return run;
  done = take_out(order, *memory, &*run);
  if (!done) return tl::unexpected(done.error());
  run->total_s = seconds_since(start);
  return run;
}

Result<MachineRun> QemuMachine::run(const CellRequest& order, const ProgressListener& observe) {
  if (order.job.size() > job_size_max)
    return fail(ErrorKind::usage,
                fmt::format("cell {}: the job is larger than {} bytes", order.cell, job_size_max));
  std::string lines =
      "# The kernel is booted and its state saved; then the state is restored and the cell measured.\n";
  for (const auto& argv : commands(order)) lines += quoted(argv) + "\n";
  if (auto written = write_file_atomically(order.folder / "commands.txt", lines); !written)
    return tl::unexpected(written.error());

  double boot_s = 0;
  auto state = state_after_boot(order, observe, &boot_s);
  if (!state) return tl::unexpected(state.error());
  bool restored = false;
  auto run = measure(order, *state, observe, &restored);
  if (!run && !restored) {  // a state that QEMU refuses is damaged: once more from a new one
    if (auto done = states_.discard(state_key(order), *state); !done) return tl::unexpected(done.error());
    state = state_after_boot(order, observe, &boot_s);
    if (!state) return tl::unexpected(state.error());
    run = measure(order, *state, observe, &restored);
  }
  if (run) run->boot_s = boot_s;

  // One log: the boot that the state was saved from, then what was printed after.
  const fs::path console = order.folder / "console.log";
  const std::string log = read_file(state->console).value_or("") + "\n[the saved state was restored here]\n" +
                          read_file(console).value_or("");
  if (auto written = write_file_atomically(console, log); !written && run)
    return tl::unexpected(written.error());
  return run;
}

}  // namespace loopgate
