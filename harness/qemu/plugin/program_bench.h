// The bench of programs that measure by themselves: it stimulates nothing, makes the load's storm, and waits
// for their report.
#pragma once

#include "qemu/plugin/storm.h"
#include "qemu/plugin/virtual_bench.h"

namespace loopgate {

class ProgramBench : public VirtualBench {
 public:
  ProgramBench(const InstrumentSettings& settings, const QemuFunctions& qemu)
      : VirtualBench(settings, qemu), storm_(settings.storm_per_second, settings.pulses.seed) {}

 private:
  Status wire_pins() override;
  void begin_measuring() override;
  void reported_while_measuring() override;
  void stop_measuring() override { storm_.end(); }
  void on_response_pin(int) override {}
  const PulseCounts& counts() const override { return none_; }
  std::uint64_t storm_pulses() const override { return storm_.pulses(); }
  bool shows_progress() const override { return false; }

  const PulseCounts none_;
  Storm storm_;
};

}  // namespace loopgate
