// What the running kernel is.
#pragma once

#include "protocol/report.h"

namespace loopgate {

KernelFacts read_kernel_facts();

}  // namespace loopgate
