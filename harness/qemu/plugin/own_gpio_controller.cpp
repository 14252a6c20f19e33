#include "qemu/plugin/own_gpio_controller.h"

#include <new>
#include <type_traits>

namespace loopgate {
namespace {

constexpr int apic_pin = 10;
constexpr std::uint64_t registers_address = 0xfed0c000;
constexpr std::uint64_t page = 4096;
static_assert(sizeof(BaytrailGpio::Registers) <= page);
static_assert(std::is_trivially_copyable_v<BaytrailGpio::Registers>);

}  // namespace

Result<std::unique_ptr<GpioController>> OwnGpioController::make(const QemuFunctions& qemu) {
  QemuObject* apic = qemu.object_resolve_path_type("", "ioapic", nullptr);
  if (apic == nullptr)
    return fail(ErrorKind::infrastructure, "this machine is not a PC: it does not have exactly one I/O APIC");
  QemuMemoryFunctions memory{};
  TRY_STATUS(memory.look_up());
  return std::unique_ptr<GpioController>(
      new OwnGpioController(qemu, memory, qemu.qdev_get_gpio_in(apic, apic_pin)));
}

OwnGpioController::OwnGpioController(const QemuFunctions& qemu, const QemuMemoryFunctions& memory,
                                     QemuIrq* interrupt)
    : qemu_(qemu),
      remembered_(memory, "loopgate-gpio-registers", page),
      gpio_([this, interrupt](bool raised) { qemu_.qemu_set_irq(interrupt, raised ? 1 : 0); },
            new(remembered_.data()) BaytrailGpio::Registers),
      registers_(
          memory, "loopgate-gpio", registers_address, BaytrailGpio::size,
          [this](std::uint64_t offset) { return gpio_.read(offset); },
          [this](std::uint64_t offset, std::uint32_t value) { gpio_.write(offset, value); }) {}

QemuIrq* OwnGpioController::input(int line) {
  return qemu_.qemu_allocate_irq(
      [](void* self, int input, int level) {
        static_cast<OwnGpioController*>(self)->gpio_.set_input(input, level != 0);
      },
      this, line);
}

void OwnGpioController::connect_output(int line, QemuIrq* pin) {
  gpio_.connect_output(line, [this, pin](bool level) { qemu_.qemu_set_irq(pin, level ? 1 : 0); });
}

}  // namespace loopgate
