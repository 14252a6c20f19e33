// A GPIO controller of the emulated machine, as whoever puts wires on it sees it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "qemu/plugin/qemu_functions.h"

namespace loopgate {

class GpioController {
 public:
  virtual ~GpioController() = default;

  // What an input line hears: raised and lowered with qemu_set_irq().
  virtual QemuIrq* input(int line) = 0;

  // From now on the level of an output line goes to this pin. A jumper is another line's input() there.
  // Whoever writes an output register holds QEMU's big lock, on whichever CPU, so the pin may be set from
  // there.
  virtual void connect_output(int line, QemuIrq* pin) = 0;
};

// One that the machine has, such as a PL061.
class FoundGpioController : public GpioController {
 public:
  // `type` is QEMU's name of it. An infrastructure error where the machine does not have exactly one.
  static Result<std::unique_ptr<GpioController>> find(const std::string& type, const QemuFunctions& qemu);

  QemuIrq* input(int line) override { return qemu_.qdev_get_gpio_in(device_, line); }
  void connect_output(int line, QemuIrq* pin) override {
    qemu_.qdev_intercept_gpio_out(device_, pin, nullptr, line);
  }

 private:
  FoundGpioController(QemuObject* device, const QemuFunctions& qemu) : device_(device), qemu_(qemu) {}

  QemuObject* device_;
  QemuFunctions qemu_;
};

}  // namespace loopgate
