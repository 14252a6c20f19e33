// Judges what the agent saw: were the kernel, its tuning, the load and the payload as their files require?
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
#include "protocol/report.h"

namespace loopgate {

struct Evidence {
  Report report;            // the agent's
  nlohmann::json document;  // evidence.json
  std::string problem;      // why the cell is INVALID, in one sentence; empty when nothing is wrong
  std::string next_step;
};

// A report that cannot be read is a data error.
Result<Evidence> judge_evidence(const MachineRun& run, const Load& load);

// Evidence that a kernel's file requires and that the report lacks: each check, each setting and each
// required thread rule must have its row. One sentence; empty when nothing is missing.
std::string missing_evidence(const Report& report, const Kernel& kernel);

// Makes the suite's checks of what the payload printed, and notes them in evidence.json's `payload_checks`.
// The first that does not hold, in one sentence; empty when all do.
std::string check_payload(const std::vector<PayloadCheck>& checks, nlohmann::json* document);

// The payload exited abnormally, or ran without the priority or the locked memory that real time needs.
std::string payload_problem(const Evidence& evidence);

// Operations per second of each stressor in what `stress-ng --yaml` wrote (bogo-ops over wall-clock time). A
// stressor that ran for less than `seconds_at_least` is a data error.
Result<std::map<std::string, double>> stress_ng_rates(const std::string& yaml, double seconds_at_least);

}  // namespace loopgate
