// The GPIO controller that a board's file names.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "qemu/plugin/gpio_controller.h"

namespace loopgate {

// `type` is QEMU's name of it, or own_controller, which is brought (protocol/own_controller.h). For a machine
// that exists; infrastructure errors.
Result<std::unique_ptr<GpioController>> choose_controller(const std::string& type, const QemuFunctions& qemu);

}  // namespace loopgate
