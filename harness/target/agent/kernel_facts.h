// What the running kernel is.
#pragma once

#include <optional>

#include "protocol/job.h"
#include "protocol/report.h"

namespace loopgate {

KernelFacts read_kernel_facts(const std::optional<KernelQuestions>& questions);

}  // namespace loopgate
