// A board that QEMU plays: boots a kernel once, saves the state after boot, and restores it for each cell.
#pragma once

#include <functional>
#include <memory>

#include "config/board.h"
#include "machine/machine.h"
#include "machine/qemu_identity.h"
#include "machine/qemu_session.h"
#include "machine/saved_state.h"

namespace loopgate {

class QemuMachine : public Machine {
 public:
  using MakeInstrument = std::function<std::unique_ptr<Instrument>()>;

  QemuMachine(const Board& board, QemuIdentity identity, MakeInstrument make_instrument, StateStore states);

  Result<MachineRun> run(const CellOrder& order, const Observer& observe) override;
  std::vector<std::vector<std::string>> commands(const CellOrder& order) const override;

 private:
  std::string state_key(const CellOrder& order) const;
  Result<SavedState> state_after_boot(const CellOrder& order, const Observer& observe, double* boot_s);
  Result<SavedState> boot(const CellOrder& order, const std::string& key, const Observer& observe);
  // `restored` tells whether the saved state was good.
  Result<MachineRun> measure(const CellOrder& order, const SavedState& state, const Observer& observe,
                             bool* restored);
  std::vector<std::string> command_for(const CellOrder& order, const Measurement& measurement, bool restore,
                                       const std::filesystem::path& console) const;
  Measurement measurement_for(const CellOrder& order, bool restore, std::int64_t saved_at_ns) const;

  Board board_;
  QemuIdentity identity_;
  MakeInstrument make_instrument_;
  StateStore states_;
};

}  // namespace loopgate
