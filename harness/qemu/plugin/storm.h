// The storm of interrupts that a load may ask for: pulses on a pin of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>

#include "qemu/plugin/qemu_functions.h"

namespace loopgate {

class Storm {
 public:
  // `per_second`: 0 for none.
  Storm(double per_second, std::uint64_t seed) : per_second_(per_second), random_(~seed) {}

  // The machine is built. `now_ns` reads the virtual clock.
  void wire(const QemuFunctions& qemu, QemuIrq* pin, std::function<std::int64_t()> now_ns);
  void begin();
  void end();
  std::uint64_t pulses() const { return pulses_; }

 private:
  void on_pulse();

  const double per_second_;
  std::mt19937_64 random_;
  std::uint64_t pulses_ = 0;
  const QemuFunctions* qemu_ = nullptr;
  QemuIrq* pin_ = nullptr;
  std::function<std::int64_t()> now_ns_;
  std::optional<ClockTimer> timer_;
};

}  // namespace loopgate
