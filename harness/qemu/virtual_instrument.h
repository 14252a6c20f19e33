// The host's side of the QEMU plugin: writes its settings, names its arguments, reads its events.
#pragma once

#include "config/board.h"
#include "qemu/instrument.h"

namespace loopgate {

class VirtualInstrument : public Instrument {
 public:
  // `plugin` is the shared object that QEMU loads.
  VirtualInstrument(const Board& board, std::filesystem::path plugin);

  TimeBase time_base() const override { return TimeBase::virtual_time; }
  Status prepare(const Measurement& measurement) override;
  std::vector<std::string> machine_arguments(const Measurement& measurement) const override;
  Result<int> open_events() override;
  InstrumentEvent event_of(const std::string& line) const override;

 private:
  Board board_;
  std::filesystem::path plugin_;
  std::filesystem::path events_;
};

}  // namespace loopgate
