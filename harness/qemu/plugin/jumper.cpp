#include "qemu/plugin/jumper.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "qemu/plugin/own_gpio_controller.h"

namespace loopgate {

Jumper::Jumper(JumperSettings settings, const QemuFunctions& qemu)
    : settings_(std::move(settings)), qemu_(qemu) {}

std::unique_ptr<Jumper> Jumper::create(JumperSettings settings, const QemuFunctions& qemu) {
  std::unique_ptr<Jumper> jumper(new Jumper(std::move(settings), qemu));
  ClockTimer& timer = jumper->wire_timer_.emplace(
      jumper->qemu_, qemu_clock_realtime, [](void* self) { static_cast<Jumper*>(self)->wire(); },
      jumper.get());
  timer.arm_at(0);
  return jumper;
}

Result<std::unique_ptr<GpioController>> Jumper::controller() const {
  if (settings_.controller == "baytrail") return OwnGpioController::make(qemu_);
  return FoundGpioController::find(settings_.controller, qemu_);
}

// A wire is the input's own pin on the end of the output.
void Jumper::wire() {
  auto controller = this->controller();
  if (!controller) {
    std::fprintf(stderr, "loopgate jumper: %s\n", controller.error().what.c_str());
    std::_Exit(1);
  }
  controller_ = std::move(*controller);
  for (const JumperWire& wire : settings_.wires)
    controller_->connect_output(wire.from, controller_->input(wire.to));
}

}  // namespace loopgate
