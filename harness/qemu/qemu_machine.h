// A board that QEMU plays: boots a kernel once, saves the state after boot, and restores it for each cell.
#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <utility>

#include "config/board.h"
#include "machine/machine.h"
#include "qemu/guest_memory.h"
#include "qemu/qemu_launcher.h"
#include "qemu/restored_run.h"
#include "qemu/saved_state.h"

namespace loopgate {

class QemuMachine : public Machine {
 public:
  QemuMachine(const Board& board, QemuIdentity identity, InstrumentFactory instruments, StateStore states);

  Result<MachineRun> run(const CellRequest& request, const ProgressListener& on_progress) override;
  std::vector<std::vector<std::string>> commands(const CellRequest& request) const override;
  MachineRecord describe() const override;

 private:
  Result<SavedState> state_after_boot(const CellRequest& request, const ProgressListener& on_progress,
                                      double* boot_s);
  bool has_booted(const SavedState& state);
  Result<SavedState> boot(const CellRequest& request, const std::string& key,
                          const ProgressListener& on_progress);
  Status boot_and_save(QemuSession* session, const Measurement& measurement, const GuestMemory& memory,
                       const std::filesystem::path& folder, const ProgressListener& on_progress,
                       std::int64_t* saved_at_ns) const;
  RestoredRun measure(const CellRequest& request, const SavedState& state,
                      const ProgressListener& on_progress) const;
  Result<MachineRun> restore_and_follow(const CellRequest& request, const SavedState& state,
                                        const ProgressListener& on_progress, RestoredRun* seen) const;
  Status discard(const CellRequest& request, const SavedState& state, const std::string& why) const;

  QemuLauncher launcher_;
  StateStore states_;
  // That this machine has booted: nothing can have happened to them since. Of all jobs.
  std::mutex booted_mutex_;
  std::set<std::pair<std::filesystem::path, std::filesystem::file_time_type>> booted_;
};

}  // namespace loopgate
