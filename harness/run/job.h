// What the agent is to do in a cell of the plan. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/job.h"
#include "run/plan.h"

namespace loopgate {

// The payload's command with the board's lines, the cell's seed and the files' places filled in.
std::vector<std::string> payload_command(const Plan& plan, const Cell& cell);

// How long the agent waits for a part of the load to be seen running.
inline constexpr std::int64_t part_ready_timeout_ms = 5'000;

Job job_of(const Plan& plan, const Cell& cell);

}  // namespace loopgate
