// Starts QEMU for a cell: its command line, the folder of its sockets and files, and the instrument in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/scratch_dir.h"
#include "config/board.h"
#include "machine/machine.h"
#include "qemu/instrument.h"
#include "qemu/qemu_identity.h"
#include "qemu/qemu_session.h"

namespace loopgate {

struct InstrumentFactory {
  std::function<std::unique_ptr<Instrument>()> make;
  // What QEMU must be started with to carry one.
  std::function<std::vector<std::string>(const Measurement&)> arguments;
};

class QemuLauncher {
 public:
  // One QEMU, paused, with its instrument.
  struct Started {
    ScratchDir scratch;
    std::unique_ptr<Instrument> instrument;
    std::unique_ptr<QemuSession> session;
  };

  QemuLauncher(const Board& board, QemuIdentity identity, InstrumentFactory instruments);

  // With `restore`, of a cell that is measured from the state that was saved at `saved_at_ns`, virtual; else
  // of the boot that it is saved from.
  Measurement measurement_for(const CellRequest& request, bool restore, std::int64_t saved_at_ns) const;
  // `memory`: where the guest's memory is; `console`: where its serial port is written to.
  std::vector<std::string> command_for(const CellRequest& request, const Measurement& measurement,
                                       bool restore, const std::filesystem::path& memory,
                                       const std::filesystem::path& console) const;
  Result<Started> start(const CellRequest& request, const Measurement& measurement, bool restore,
                        const std::filesystem::path& memory, const std::filesystem::path& console) const;
  // What the state after boot depends on.
  std::string state_key(const CellRequest& request) const;
  MachineRecord describe() const;
  std::uint64_t memory_size() const { return static_cast<std::uint64_t>(board_.memory_mib) << 20U; }

 private:
  Board board_;
  QemuIdentity identity_;
  InstrumentFactory instruments_;
};

}  // namespace loopgate
