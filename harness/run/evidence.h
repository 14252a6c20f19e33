// What the agent saw, judged: did the kernel, its tuning, the load and the payload be what they should be?
// Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "config/kernel.h"
#include "config/load.h"
#include "config/suite.h"
#include "machine/machine.h"

namespace loopgate {

struct Evidence {
  nlohmann::json document;  // evidence.json
  std::string problem;      // why the cell is INVALID, in one sentence; empty when nothing is wrong
  std::string next_step;
};

// Reads the agent's report. A report that can't be read is a data error.
Result<Evidence> judge_evidence(const MachineRun& run, const Load& load);

// Evidence that a kernel's file asks for and that is not there: each check, each setting and each required
// thread rule must have its row. One sentence; empty when all is there.
std::string missing_evidence(const nlohmann::json& document, const Kernel& kernel);

// Makes the suite's checks of what the payload printed, and notes them in evidence.json's `payload_checks`.
// The first that does not hold, in one sentence; empty when all do.
std::string check_payload(const std::vector<PayloadCheck>& checks, nlohmann::json* document);

// What the payload says against itself: an end other than a clean one, or that it ran without what real time
// needs.
std::string payload_problem(const nlohmann::json& document);

}  // namespace loopgate
