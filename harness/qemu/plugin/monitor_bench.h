// The bench that monitors: the loopback program on the board sends the stimuli and takes their answers, over
// the two jumpers that this bench plays, and the bench times the same edges from outside.
#pragma once

#include <optional>
#include <vector>

#include "qemu/plugin/virtual_bench.h"
#include "schedule/pin_monitor.h"

namespace loopgate {

class MonitorBench : public VirtualBench {
 public:
  MonitorBench(const InstrumentSettings& settings, const QemuFunctions& qemu)
      : VirtualBench(settings, qemu), monitor_(settings.pulses) {}

 private:
  Status wire_pins() override;
  void before_restore() override;
  void begin_measuring() override;
  void reported_while_measuring() override;
  void stop_measuring() override;
  void on_response_pin(int level) override;
  const PulseCounts& counts() const override { return monitor_.counts(); }
  bool shows_progress() const override { return false; }

  void on_stimulus_pin(int level);
  void begin_self_check();
  void on_known_delay();
  void save_finished();

  QemuIrq* response_in_pin_ = nullptr;
  std::optional<ClockTimer> self_check_timer_;
  std::optional<ClockTimer> known_delay_timer_;
  PinMonitor monitor_;
  std::vector<Sample> finished_;
};

}  // namespace loopgate
