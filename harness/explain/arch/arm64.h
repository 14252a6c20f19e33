// The table of a 64-bit Arm guest.
#pragma once

#include "explain/arch/explain_arch.h"

namespace loopgate {

const ExplainArch& arm64_explained();

}  // namespace loopgate
