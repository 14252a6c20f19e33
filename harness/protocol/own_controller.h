// The GPIO controller of a PC: QEMU has none whose lines raise interrupts, so our plugins bring an Intel Bay
// Trail's (qemu/plugin/own_gpio_controller.h), and an ACPI table tells the guest where it is.
#pragma once

namespace loopgate {

// As boards and the jumper name it, where they else name a type of QEMU's.
inline constexpr const char* own_controller = "baytrail";

}  // namespace loopgate
