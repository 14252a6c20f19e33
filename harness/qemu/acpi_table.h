// The ACPI table that tells a PC's kernel of its GPIO controller, as the firmware of a PC with an Intel Bay
// Trail does. fixtures/disk/acpi_table.py makes the same for the emulated PC; tests hold them equal.
#pragma once

#include <string>

namespace loopgate {

// A whole SSDT: Device (GPO0) in \_SB.
std::string gpio_acpi_table();

}  // namespace loopgate
