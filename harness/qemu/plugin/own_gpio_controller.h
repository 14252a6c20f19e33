// A GPIO controller that we bring, since a PC in QEMU has none whose lines raise interrupts: a Bay Trail's
// registers in the guest's memory, with its interrupt at the I/O APIC. fixtures/disk/acpi_table.py tells the
// guest where.
#pragma once

#include <memory>
#include <vector>

#include "qemu/plugin/baytrail_gpio.h"
#include "qemu/plugin/gpio_controller.h"
#include "qemu/plugin/memory_device.h"

namespace loopgate {

class OwnGpioController : public GpioController {
 public:
  // For a machine that exists. An infrastructure error where it is no PC, or QEMU lacks a function.
  static Result<std::unique_ptr<GpioController>> make(const QemuFunctions& qemu);

  QemuIrq* input(int line) override;
  void connect_output(int line, QemuIrq* pin) override;

 private:
  OwnGpioController(const QemuFunctions& qemu, const QemuMemoryFunctions& memory, QemuIrq* interrupt);

  QemuFunctions qemu_;
  SavedMemory remembered_;
  BaytrailGpio gpio_;
  MemoryDevice registers_;
};

}  // namespace loopgate
