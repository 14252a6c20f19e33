// The table of a 64-bit x86 guest.
#pragma once

#include "qemu/plugin/arch/arch_ops.h"

namespace loopgate {

const ArchOps& amd64_ops();

}  // namespace loopgate
