// A part of the load: a program, and the attestation that it really runs.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "protocol/job.h"
#include "protocol/report.h"
#include "target/agent/child.h"
#include "target/agent/proc.h"

namespace loopgate {

struct RunningPart {
  PartSpec order;
  Child child;
  std::chrono::steady_clock::time_point started;
  GroupUsage seen;  // the newest look at it
  bool attested = false;
  GroupUsage attested_usage;
  GroupUsage usage_at_stop;
  bool died_early = false;
  std::string cpus_at_stop = {};
};

// Enough processes live, and they had enough time on the CPU.
bool is_running(const PartSpec& order, const GroupUsage& usage);

// Why a part counts as not running: "load part fork had 1 process and 3.2 ms of CPU time after 3000 ms; ...".
std::string what_is_missing(const RunningPart& part);

// Why a part that ended by itself did: "load part fork ended by itself: exited 2; its last words: ...".
std::string how_it_ended(const std::string& what, const Child& child);

PartReport report_of(const RunningPart& part);

}  // namespace loopgate
