#include "qemu/plugin/jumper.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "qemu/plugin/choose_controller.h"

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

// A wire is the input's own pin on the end of the output.
void Jumper::wire() {
  auto controller = choose_controller(settings_.controller, qemu_);
  if (!controller) {
    std::fprintf(stderr, "loopgate jumper: %s\n", controller.error().what.c_str());
    std::_Exit(1);
  }
  controller_ = std::move(*controller);
  for (const JumperWire& wire : settings_.wires) {
    if (wire.sticks_after || wire.drops_each) {
      wire_with_fault(wire);
    } else {
      controller_->connect_output(wire.from, controller_->input(wire.to));
    }
  }
}

void Jumper::wire_with_fault(const JumperWire& wire) {
  FaultyWire& faulty = faulty_.emplace_back(FaultyWire{wire, controller_->input(wire.to), &qemu_});
  controller_->connect_output(
      wire.from,
      qemu_.qemu_allocate_irq(wire.drops_each ? &Jumper::on_pulse : &Jumper::on_change, &faulty, 0));
  if (wire.sticks_after && *wire.sticks_after == 0) qemu_.qemu_set_irq(faulty.input, 1);
}

void Jumper::on_change(void* faulty_wire, int, int level) {
  auto* faulty = static_cast<FaultyWire*>(faulty_wire);
  const bool sticks = faulty->changes >= *faulty->wire.sticks_after;
  // Some controllers tell a level whenever it is written.
  if (!sticks && level != faulty->level) ++faulty->changes;
  faulty->level = level;
  faulty->qemu->qemu_set_irq(faulty->input, sticks ? 1 : level);
}

// Lost as a chip loses one that comes too early: the input stays low for as long as this pulse takes.
void Jumper::on_pulse(void* faulty_wire, int, int level) {
  auto* faulty = static_cast<FaultyWire*>(faulty_wire);
  if (level == faulty->level) return;
  faulty->level = level;
  if (level != 0 && ++faulty->pulses % *faulty->wire.drops_each == 0) return;
  faulty->qemu->qemu_set_irq(faulty->input, level);
}

}  // namespace loopgate
