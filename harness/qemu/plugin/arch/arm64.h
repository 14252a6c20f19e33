// The table of a 64-bit Arm guest.
#pragma once

#include "qemu/plugin/arch/arch_ops.h"

namespace loopgate {

const ArchOps& arm64_ops();

}  // namespace loopgate
