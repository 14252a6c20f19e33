// Judges what the agent saw: were the kernel, its tuning, the load and the payload as their files require?
// Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/board.h"
#include "config/kernel.h"
#include "config/load.h"
#include "config/suite.h"
#include "machine/machine.h"
#include "protocol/report.h"
#include "run/asked_for.h"

namespace loopgate {

struct Evidence {
  Report report;  // the agent's
  std::vector<AskedFor> asked_for;
  nlohmann::json document;  // evidence.json
  std::string problem;      // why the cell is INVALID, in one sentence; empty when nothing is wrong
  std::string next_step;
};

// A report that cannot be read is a data error.
Result<Evidence> judge_evidence(const MachineRun& run, const Load& load);

// Keeps the first, which is the cause of the later ones.
void note_problem(Evidence* evidence, std::string what, std::string next_step = {});

// Evidence that a kernel's file requires and that the report lacks: each check, each setting and each
// required thread rule must have its row. One sentence; empty when nothing is missing.
std::string missing_evidence(const Report& report, const Kernel& kernel, const Work& work);

// Makes the suite's checks of what the payload printed, and notes them in evidence.json's `payload_checks`.
// The first that does not hold, in one sentence; empty when all do.
std::string check_payload(const std::vector<PayloadCheck>& checks, nlohmann::json* document);

// Fewer CPUs are online than the board's file says. One sentence; empty when all are.
std::string missing_cpus(const Report& report, const Board& board);

// What a program's command asks for by `--priority N` is what it had at its end, where it prints that as
// `priority_read_back`. One sentence; empty when it is, or when there is nothing to compare.
std::string other_priority(const std::vector<std::string>& command, const nlohmann::json& printed);

// The payload exited abnormally, or ran without the priority or the locked memory that real time needs.
std::string payload_problem(const Evidence& evidence);

}  // namespace loopgate
