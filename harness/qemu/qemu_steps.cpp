#include "qemu/qemu_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "qemu/qemu_fault.h"
#include "qemu/qemu_scratch.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Kind = InstrumentEvent::Kind;
using Clock = QemuSession::Clock;

// For what QEMU does without the guest.
constexpr std::chrono::seconds start_limit{60};

bool is_one_of(Kind kind, const std::vector<Kind>& kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

auto was_stopped() { return fail(ErrorKind::infrastructure, "the run was interrupted"); }

Status await_migration(QemuSession* session, const char* what) {
  for (;;) {
    auto seen = session->next(Clock::now() + start_limit);
    if (!seen) return fail(ErrorKind::infrastructure, fmt::format("QEMU did not finish {} the state", what));
    if (std::holds_alternative<StopAsked>(*seen)) return was_stopped();
    if (const auto* ended = std::get_if<QemuEnded>(&*seen))
      return fail(ErrorKind::infrastructure,
                  fmt::format("QEMU ended while {} the state: {}", what, ended->errors));
    const auto* event = std::get_if<QmpEvent>(&*seen);
    if (event == nullptr || event->name != "MIGRATION") continue;
    const std::string status = event->data.value("status", "");
    if (status == "completed") return {};
    if (status == "failed")
      return fail(ErrorKind::infrastructure, fmt::format("QEMU failed {} the state", what));
  }
}

Status start_migration(QemuSession* session, const char* command, const fs::path& file) {
  // The bandwidth limit is meant for networks; QEMU's default of 128 MiB/s would cost most of a second.
  // A restored machine would announce itself to networks, by timers of the host's clock, and such a timer
  // ends the turns of several CPUs as well (icount_get_limit).
  if (auto done = session->command("migrate-set-parameters",
                                   {{"max-bandwidth", std::int64_t{10} << 30}, {"announce-rounds", 0}});
      !done)
    return done;
  const json events = json::array({{{"capability", "events"}, {"state", true}}});
  if (auto done = session->command("migrate-set-capabilities", {{"capabilities", events}}); !done)
    return done;
  return session->command(command, {{"uri", "file:" + file.string()}});
}

}  // namespace

Result<InstrumentEvent> await_event(QemuSession* session, const WaitFor& awaited,
                                    const ProgressListener& on_progress, std::chrono::seconds limit) {
  for (;;) {
    auto seen = session->next(Clock::now() + limit);
    if (!seen)
      return fail(ErrorKind::infrastructure,
                  fmt::format("QEMU showed no sign of life for {} s of host time", limit.count()),
                  "is this machine overloaded? give the command again, a run's with --resume");
    if (std::holds_alternative<StopAsked>(*seen)) return was_stopped();
    if (const auto* ended = std::get_if<QemuEnded>(&*seen))
      return tl::unexpected(why_ended(*ended, awaited.console));
    const auto* event = std::get_if<InstrumentEvent>(&*seen);
    if (event == nullptr) continue;
    if (on_progress) on_progress(awaited.stage, *event);
    if (is_one_of(event->kind, awaited.kinds)) return *event;
    if (event->kind == Kind::error)
      return fail(ErrorKind::infrastructure, fmt::format("the instrument: {}", event->what));
    if (event->kind == Kind::silent) return tl::unexpected(why_silent(*event, awaited.console));
  }
}

Status attach(QemuSession* session, const fs::path& scratch, const WaitFor& wired,
              const ProgressListener& on_progress) {
  if (auto event = await_event(session, wired, on_progress, start_limit); !event)
    return tl::unexpected(event.error());
  return session->connect(scratch / QemuScratch::monitor_file);
}

Status save_state(QemuSession* session, const fs::path& file) {
  if (auto done = start_migration(session, "migrate", file); !done) return done;
  return await_migration(session, "saving");
}

Status restore_state(QemuSession* session, const fs::path& file) {
  if (auto done = start_migration(session, "migrate-incoming", file); !done) return done;
  return await_migration(session, "restoring");
}

}  // namespace loopgate
