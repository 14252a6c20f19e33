// The host's side of the QEMU plugin: writes its settings, names its arguments, reads its events.
#pragma once

#include "config/board.h"
#include "qemu/instrument.h"

namespace loopgate {

class VirtualInstrument : public Instrument {
 public:
  explicit VirtualInstrument(const Board& board) : board_(board) {}

  Status prepare(const Measurement& measurement) override;
  Result<int> open_events() override;
  InstrumentEvent event_of(const std::string& line) const override;

  // What QEMU must be started with to carry the instrument; `plugin` is the shared object that it loads.
  static std::vector<std::string> qemu_arguments(const std::filesystem::path& plugin,
                                                 const Measurement& measurement);

 private:
  Board board_;
  std::filesystem::path events_;
};

}  // namespace loopgate
