#include "qemu/plugin/gpio_controller.h"

namespace loopgate {

Result<std::unique_ptr<GpioController>> FoundGpioController::find(const std::string& type,
                                                                  const QemuFunctions& qemu) {
  QemuObject* device = qemu.object_resolve_path_type("", type.c_str(), nullptr);
  if (device == nullptr)
    return fail(ErrorKind::infrastructure, "this machine has no single GPIO controller of type " + type);
  return std::unique_ptr<GpioController>(new FoundGpioController(device, qemu));
}

}  // namespace loopgate
