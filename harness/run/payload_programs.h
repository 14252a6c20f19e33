// Whether the target's programs have a payload that the build leaves out unless it is asked for it.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "run/plan.h"

namespace loopgate {

// Of suites that are written in Go, whose folder has a go.mod. `programs` is the archive of the build. An
// infrastructure error names the first program that it lacks, and says how to build it.
Status check_payload_programs(const Plan& plan, const std::filesystem::path& programs);

// The same of all contenders of a suite, whatever is chosen of them.
Status check_payload_programs(const Suite& suite, const std::filesystem::path& programs);

}  // namespace loopgate
