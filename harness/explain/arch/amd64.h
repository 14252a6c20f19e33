// The table of a 64-bit x86 guest.
#pragma once

#include "explain/arch/explain_arch.h"

namespace loopgate {

const ExplainArch& amd64_explained();

}  // namespace loopgate
