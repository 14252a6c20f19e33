// A board that QEMU plays: boots a kernel once, saves the state after boot, and restores it for each cell.
#pragma once

#include <functional>
#include <memory>

#include "config/board.h"
#include "machine/machine.h"
#include "qemu/qemu_identity.h"
#include "qemu/qemu_session.h"
#include "qemu/saved_state.h"

namespace loopgate {

class QemuMachine : public Machine {
 public:
  using MakeInstrument = std::function<std::unique_ptr<Instrument>()>;

  QemuMachine(const Board& board, QemuIdentity identity, MakeInstrument make_instrument, StateStore states);

  Result<MachineRun> run(const CellRequest& order, const ProgressListener& observe) override;
  std::vector<std::vector<std::string>> commands(const CellRequest& order) const override;
  MachineRecord describe() const override;

 private:
  std::string state_key(const CellRequest& order) const;
  Result<SavedState> state_after_boot(const CellRequest& order, const ProgressListener& observe,
                                      double* boot_s);
  Result<SavedState> boot(const CellRequest& order, const std::string& key, const ProgressListener& observe);
  // `restored` tells whether the saved state was good.
  Result<MachineRun> measure(const CellRequest& order, const SavedState& state,
                             const ProgressListener& observe, bool* restored);
  std::vector<std::string> command_for(const CellRequest& order, const Measurement& measurement, bool restore,
                                       const std::filesystem::path& console) const;
  Measurement measurement_for(const CellRequest& order, bool restore, std::int64_t saved_at_ns) const;

  Board board_;
  QemuIdentity identity_;
  MakeInstrument make_instrument_;
  StateStore states_;
};

}  // namespace loopgate
