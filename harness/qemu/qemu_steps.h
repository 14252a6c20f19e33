// The steps of a cell in one QEMU: attaching to it, saving and restoring its state, and waiting for the
// instrument's events.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "machine/machine.h"
#include "qemu/qemu_session.h"

namespace loopgate {

// Host time, as a last bound: a guest that hangs is found by the instrument on the virtual clock long before.
// It starts anew with every event.
inline constexpr std::chrono::seconds stage_limit{300};

struct WaitFor {
  std::vector<InstrumentEvent::Kind> kinds;
  Stage stage;
  std::filesystem::path console;
};

// Waits for an event of one of these kinds; every one on the way is given to `on_progress`. Errors: `kernel`
// when the guest fell silent or ended, `infrastructure` for QEMU and the instrument.
Result<InstrumentEvent> await_event(QemuSession* session, const WaitFor& awaited,
                                    const ProgressListener& on_progress,
                                    std::chrono::seconds limit = stage_limit);

// QEMU has been started, paused: waits until the instrument has its pins, and opens the monitor.
Status attach(QemuSession* session, const std::filesystem::path& scratch, const WaitFor& wired,
              const ProgressListener& on_progress);

Status save_state(QemuSession* session, const std::filesystem::path& file);
Status restore_state(QemuSession* session, const std::filesystem::path& file);

}  // namespace loopgate
