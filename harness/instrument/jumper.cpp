#include "instrument/jumper.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

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

// A wire is nothing but the input's own pin on the end of the output. Whoever writes an output register holds
// QEMU's big lock, on whichever CPU, so the input may be set from there.
void Jumper::wire() {
  QemuObject* controller = qemu_.object_resolve_path_type("", settings_.controller.c_str(), nullptr);
  if (controller == nullptr) {
    std::fprintf(stderr, "loopgate jumper: this machine has no single GPIO controller of type %s\n",
                 settings_.controller.c_str());
    std::_Exit(1);
  }
  for (const Wire& wire : settings_.wires)
    qemu_.qdev_intercept_gpio_out(controller, qemu_.qdev_get_gpio_in(controller, wire.to), nullptr,
                                  wire.from);
}

}  // namespace loopgate
