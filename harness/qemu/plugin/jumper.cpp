#include "qemu/plugin/jumper.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "qemu/plugin/baytrail_gpio.h"

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
  if (settings_.controller == "baytrail") return wire_own_controller();
  QemuObject* controller = qemu_.object_resolve_path_type("", settings_.controller.c_str(), nullptr);
  if (controller == nullptr) {
    std::fprintf(stderr, "loopgate jumper: this machine has no single GPIO controller of type %s\n",
                 settings_.controller.c_str());
    std::_Exit(1);
  }
  for (const JumperWire& wire : settings_.wires)
    qemu_.qdev_intercept_gpio_out(controller, qemu_.qdev_get_gpio_in(controller, wire.to), nullptr,
                                  wire.from);
}

// The I/O APIC's pin, and the registers' place, are told to the guest by fixtures/disk/acpi_table.py.
void Jumper::wire_own_controller() {
  constexpr int pin = 10;
  constexpr std::uint64_t registers = 0xfed0c000;
  QemuObject* apic = qemu_.object_resolve_path_type("", "ioapic", nullptr);
  const std::vector<std::string> missing = MemoryDevice::missing_functions();
  if (apic == nullptr || !missing.empty()) {
    std::fprintf(stderr, "loopgate jumper: %s\n",
                 apic == nullptr ? "this machine has no single I/O APIC: it is no PC"
                                 : ("this QEMU does not export " + missing.front()).c_str());
    std::_Exit(1);
  }
  auto gpio = std::make_shared<BaytrailGpio>(
      settings_.wires, [qemu = qemu_, line = qemu_.qdev_get_gpio_in(apic, pin)](bool raised) {
        qemu.qemu_set_irq(line, raised ? 1 : 0);
      });
  own_controller_ = std::make_unique<MemoryDevice>(
      "loopgate-gpio", registers, BaytrailGpio::size,
      [gpio](std::uint64_t offset) { return gpio->read(offset); },
      [gpio](std::uint64_t offset, std::uint32_t value) { gpio->write(offset, value); });
}

}  // namespace loopgate
