#include "qemu/plugin/choose_controller.h"

#include "protocol/own_controller.h"
#include "qemu/plugin/own_gpio_controller.h"

namespace loopgate {

Result<std::unique_ptr<GpioController>> choose_controller(const std::string& type,
                                                          const QemuFunctions& qemu) {
  if (type == own_controller) return OwnGpioController::make(qemu);
  return FoundGpioController::find(type, qemu);
}

}  // namespace loopgate
