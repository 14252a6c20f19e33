#include "qemu/qemu_machine.h"

#include <fmt/format.h>

#include "base/elapsed.h"
#include "base/file.h"
#include "base/overloaded.h"
#include "base/process.h"
#include "machine/agents_reason.h"
#include "qemu/qemu_fault.h"
#include "qemu/qemu_steps.h"
#include "qemu/shared_memory.h"
#include "record/artifacts.h"
#include "record/console.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Kind = InstrumentEvent::Kind;
using SessionClock = QemuSession::Clock;

constexpr const char* cell_console_file = "console.log";
constexpr const char* discarded_console_file = "discarded-console.log";

std::string job_text(const CellRequest& request) {
  return request.symbols ? symbols_job : to_json(request.job);
}

// Job and files, for the agent to find when the guest goes on.
Status write_job(const CellRequest& request, SharedMemory* memory) {
  memory->write_job(job_text(request));
  for (const PayloadFile& file : request.files) {
    if (auto done = memory->write_file(file); !done) return done;
  }
  return {};
}

// A panic or oops that is on the console by now, where the state may be to blame for it: whatever follows
// would be measured in vain. The judge looks at the whole console in any case.
Status check_console(const SavedState& state, const fs::path& console) {
  if (state.fresh) return {};
  const ConsoleFinding finding = read_console(read_file(console).value_or(""));
  if (!finding.kernel_failed) return {};
  return fail(ErrorKind::kernel, finding.what, "see console.log");
}

struct Followed {
  QemuSession* session;
  fs::path console;
  SessionClock::time_point start;
};

// From `ready` to the agent's report or failure. A guest that is silent then may still have got no stimulus.
Result<InstrumentEvent> follow_measuring(const Followed& guest, const ProgressListener& on_progress,
                                         double* to_first_stimulus_s, bool* stimulated) {
  *stimulated = true;
  const ProgressListener timed = [&](Stage stage, const InstrumentEvent& seen) {
    if (seen.kind == Kind::counting) *to_first_stimulus_s = seconds_since(guest.start);
    if (seen.kind == Kind::silent) *stimulated = seen.counts.due > 0;
    if (on_progress) on_progress(stage, seen);
  };
  TRY(event,
      await_event(guest.session, {{Kind::measured, Kind::failed}, Stage::measuring, guest.console}, timed));
  if (event.kind == Kind::failed) return event;
  return await_event(guest.session, {{Kind::reported, Kind::failed}, Stage::reporting, guest.console},
                     on_progress);
}

// From the guest's going on to the agent's report or failure.
Result<MachineRun> follow(const Followed& guest, const SavedState& state, const ProgressListener& on_progress,
                          bool* stimulated) {
  MachineRun run;
  TRY(event, await_event(guest.session,
                         {{Kind::ready, Kind::reported, Kind::failed}, Stage::getting_ready, guest.console},
                         on_progress));
  TRY_STATUS(check_console(state, guest.console));
  if (event.kind == Kind::ready) {
    TRY(last, follow_measuring(guest, on_progress, &run.to_first_stimulus_s, stimulated));
    event = last;
  }
  run.end = event;
  run.agent_failed = event.kind == Kind::failed;
  return run;
}

// What the guest left in the shared memory.
Status read_results(const CellRequest& request, const SharedMemory& memory, MachineRun* run) {
  if (request.symbols && !run->agent_failed) {
    run->symbols = memory.symbols();
    return {};
  }
  run->report = memory.report();
  return std::visit(Overloaded{[](const auto&) { return Status(); },
                               [&](const DecisionRequest&) {
                                 return write_file_atomically(request.folder / frames_artifact.name,
                                                              memory.records());
                               }},
                    request.work);
}

}  // namespace

QemuMachine::QemuMachine(const Board& board, QemuIdentity identity, InstrumentFactory instruments,
                         StateStore states)
    : launcher_(board, std::move(identity), std::move(instruments)), states_(std::move(states)) {}

std::vector<std::vector<std::string>> QemuMachine::commands(const CellRequest& request) const {
  const fs::path console = request.folder / cell_console_file;
  const Measurement boot = launcher_.measurement_for(request, false, 0);
  // The boot's memory has no name: a file of the same content, where whoever pastes the line harms no state.
  return {
      launcher_.command_for(request, boot, false, boot.folder / StateStore::memory_file, console),
      launcher_.command_for(request, launcher_.measurement_for(request, true, 0), true,
                            states_.place(launcher_.state_key(request)) / StateStore::memory_file, console)};
}

MachineRecord QemuMachine::describe() const { return launcher_.describe(); }

Result<SavedState> QemuMachine::state_after_boot(const CellRequest& request,
                                                 const ProgressListener& on_progress, double* boot_s) {
  const std::string key = launcher_.state_key(request);
  auto lock = states_.lock(key);
  if (!lock) return tl::unexpected(lock.error());
  if (auto state = states_.find(key)) {
    state->fresh = has_booted(*state);
    return *state;
  }
  const auto start = SessionClock::now();
  auto state = boot(request, key, on_progress);
  *boot_s = seconds_since(start);
  if (!state) return state;
  state->fresh = true;
  const std::lock_guard guard(booted_mutex_);
  booted_.emplace(state->file, state->written);
  return state;
}

bool QemuMachine::has_booted(const SavedState& state) {
  const std::lock_guard guard(booted_mutex_);
  return booted_.contains({state.file, state.written});
}

Status QemuMachine::boot_and_save(QemuSession* session, const Measurement& measurement,
                                  const GuestMemory& memory, const fs::path& folder,
                                  const ProgressListener& on_progress, std::int64_t* saved_at_ns) const {
  const fs::path console = folder / StateStore::console_file;
  TRY_STATUS(attach(session, measurement.folder, {{Kind::wired}, Stage::booting, console}, on_progress));
  TRY_STATUS(session->command("cont"));
  TRY(booted, await_event(session, {{Kind::booted, Kind::failed}, Stage::booting, console}, on_progress));
  if (booted.kind == Kind::failed) {
    auto channel = SharedMemory::open(measurement.channel, measurement.channel_layout);
    return fail(ErrorKind::kernel,
                "the kernel did not boot to its end: " +
                    (channel ? why_agent_failed(channel->report()) : channel.error().what),
                "see console.log");
  }
  *saved_at_ns = booted.virtual_ns;
  TRY_STATUS(save_state(session, folder / StateStore::state_file));
  return memory.save(folder / StateStore::memory_file);
}

Result<SavedState> QemuMachine::boot(const CellRequest& request, const std::string& key,
                                     const ProgressListener& on_progress) {
  TRY(folder, states_.begin(key));
  const Measurement measurement = launcher_.measurement_for(request, false, 0);
  const fs::path console = folder / StateStore::console_file;
  TRY(memory, GuestMemory::make(launcher_.memory_size()));
  TRY(started, launcher_.start(request, measurement, false, memory.path(), console));
  std::int64_t saved_at_ns = 0;
  Result<SavedState> state;
  if (auto done =
          boot_and_save(started.session.get(), measurement, memory, folder, on_progress, &saved_at_ns);
      done) {
    state = states_.keep(key, saved_at_ns);
  } else {
    state = tl::unexpected(done.error());
  }
  if (!state) {  // the console's output is the cell's evidence; the rest of the unfinished state is useless
    std::error_code ignored;
    fs::copy_file(console, request.folder / cell_console_file, fs::copy_options::overwrite_existing, ignored);
    started.session.reset();
    states_.remove(key);
  }
  return state;
}

RestoredRun QemuMachine::measure(const CellRequest& request, const SavedState& state,
                                 const ProgressListener& on_progress) const {
  RestoredRun seen;
  seen.run = restore_and_follow(request, state, on_progress, &seen);
  return seen;
}

Result<MachineRun> QemuMachine::restore_and_follow(const CellRequest& request, const SavedState& state,
                                                   const ProgressListener& on_progress,
                                                   RestoredRun* seen) const {
  const auto begin = SessionClock::now();
  const Measurement measurement = launcher_.measurement_for(request, true, state.saved_at_ns);
  const fs::path console = request.folder / cell_console_file;
  TRY(started, launcher_.start(request, measurement, true, state.memory, console));
  QemuSession* qemu = started.session.get();
  TRY_STATUS(attach(qemu, measurement.folder, {{Kind::wired}, Stage::restoring, console}, on_progress));
  TRY_STATUS(restore_state(qemu, state.file));
  // QEMU has opened the memory before the state: of two boots they would be no machine.
  if (!StateStore::is_still(state))
    return fail(ErrorKind::infrastructure, "another job replaced the saved state while it was restored");
  seen->restored = true;
  TRY(memory, SharedMemory::open(measurement.channel, measurement.channel_layout));
  TRY_STATUS(write_job(request, &memory));
  TRY_STATUS(qemu->command("cont"));
  TRY(run, follow({qemu, console, begin}, state, on_progress, &seen->stimulated));
  TRY_STATUS(read_results(request, memory, &run));
  run.total_s = seconds_since(begin);
  return run;
}

// Its console is kept as the evidence of why, where the guest has said something.
Status QemuMachine::discard(const CellRequest& request, const SavedState& state,
                            const std::string& why) const {
  if (request.is_stopped()) return fail(ErrorKind::infrastructure, why);  // the state has no part in it
  std::error_code ignored;
  const fs::path console = request.folder / cell_console_file;
  if (!fs::is_empty(console, ignored)) fs::rename(console, request.folder / discarded_console_file, ignored);
  fs::remove(request.folder / samples_artifact.name, ignored);
  return states_.discard(launcher_.state_key(request), state, why);
}

Result<MachineRun> QemuMachine::run(const CellRequest& request, const ProgressListener& on_progress) {
  if (job_text(request).size() > job_size_max)
    return fail(ErrorKind::usage,
                fmt::format("cell {}: the job is larger than {} bytes", request.cell, job_size_max));
  std::string lines =
      "# The kernel is booted and its state saved; then the state is restored and the cell measured.\n";
  for (const auto& argv : commands(request)) lines += quoted(argv) + "\n";
  if (auto written = write_file_atomically(request.folder / "commands.txt", lines); !written)
    return tl::unexpected(written.error());

  double boot_s = 0;
  SavedState state;
  auto run = measure_from_state(
      {[&] { return state_after_boot(request, on_progress, &boot_s); },
       [&](const SavedState& from) { return measure(request, from, on_progress); },
       [&](const SavedState& from, const std::string& why) { return discard(request, from, why); }},
      &state);
  if (run) run->boot_s = boot_s;

  // One log: the boot that the state was saved from, then what was printed after.
  if (state.file.empty()) return run;  // there was none: the boot's own console is in place
  const fs::path console = request.folder / cell_console_file;
  const std::string log = read_file(state.console).value_or("") + "\n[the saved state was restored here]\n" +
                          read_file(console).value_or("");
  if (auto written = write_file_atomically(console, log); !written && run)
    return tl::unexpected(written.error());
  return run;
}

}  // namespace loopgate
