// A jumper of wires, each from one output line of a GPIO controller to one of its inputs: what a person puts
// on a board's pin header. QEMU loads it alone, without the instrument and without -icount:
// jumper_plugin.cpp.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "qemu/plugin/gpio_controller.h"
#include "qemu/plugin/jumper_wire.h"
#include "qemu/plugin/qemu_functions.h"

namespace loopgate {

struct JumperSettings {
  // QEMU's type name of the GPIO controller, of which the machine has one; or "baytrail": a PC has none, and
  // the jumper brings it.
  std::string controller = "pl061";
  std::vector<JumperWire> wires;
};

// The plugin's arguments: wire=OUT:IN, once a wire, and controller=TYPE; stuck=OUT:IN:CHANGES and
// drop=OUT:IN:EACH in place of a wire are ones with a fault. An output drives one input, and an input is
// driven by one output.
Result<JumperSettings> parse_jumper(const std::vector<std::string>& arguments);

class Jumper {
 public:
  // For a machine that does not exist yet: it is wired in the first turn of QEMU's main loop. A machine that
  // can't be wired ends QEMU with a sentence: a board without its jumper would be taken for one with.
  static std::unique_ptr<Jumper> create(JumperSettings settings, const QemuFunctions& qemu);

 private:
  // A wire with a fault hears its output and drives its input.
  struct FaultyWire {
    JumperWire wire;
    QemuIrq* input = nullptr;
    const QemuFunctions* qemu = nullptr;
    int level = 0;  // of the output
    std::uint32_t changes = 0;
    std::uint32_t pulses = 0;
  };
  static void on_change(void* faulty_wire, int, int level);
  static void on_pulse(void* faulty_wire, int, int level);
  void wire_with_fault(const JumperWire& wire);

  Jumper(JumperSettings settings, const QemuFunctions& qemu);
  void wire();

  JumperSettings settings_;
  QemuFunctions qemu_;
  std::optional<ClockTimer> wire_timer_;
  std::unique_ptr<GpioController> controller_;
  std::list<FaultyWire> faulty_;  // QEMU keeps pointers to them
};

}  // namespace loopgate
