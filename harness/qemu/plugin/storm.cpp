#include "qemu/plugin/storm.h"

namespace loopgate {

void Storm::wire(const QemuFunctions& qemu, QemuIrq* pin, std::function<std::int64_t()> now_ns) {
  qemu_ = &qemu;
  pin_ = pin;
  now_ns_ = std::move(now_ns);
  timer_.emplace(qemu, qemu_clock_virtual, [](void* self) { static_cast<Storm*>(self)->on_pulse(); }, this);
}

void Storm::begin() {
  if (per_second_ > 0) timer_->arm_at(now_ns_() + 1);
}

void Storm::end() { timer_->disarm(); }

// Intervals from half to one and a half of the mean, so that the storm has no fixed phase to the stimuli or
// to the tick.
void Storm::on_pulse() {
  ++pulses_;
  const double mean_ns = 1e9 / per_second_;
  const double unit = static_cast<double>(random_() >> 11U) * 0x1.0p-53;
  timer_->arm_at(now_ns_() + 1 + static_cast<std::int64_t>(mean_ns * (0.5 + unit)));
  qemu_->qemu_set_irq(pin_, 1);
  qemu_->qemu_set_irq(pin_, 0);  // the controller latches the edge
}

}  // namespace loopgate
