// How a cell ended: outcome.json. Its presence means that the cell is finished.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "machine/machine.h"
#include "run/plan.h"

namespace loopgate {

enum class OutcomeKind {
  measured,
  kernel_failed,  // the kernel's fault: FAIL
  invalid,        // the load's, the payload's, the instrument's or the bench's: INVALID
};

const char* name_of(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::invalid;
  std::string reason;  // one sentence; empty when measured
  std::string next_step;
  std::string samples_sha256;  // empty when there are none
  std::string frames_sha256;   // empty where the suite has no decisions
  std::string stamps_sha256;   // empty where the payload leaves no stamps
  std::uint64_t records = 0;
  bool self_check_passed = false;
  bool verified_determinism = false;  // measured twice, with equal samples
  nlohmann::json self_checks = nlohmann::json::array();
  std::optional<std::int64_t> wire_share_ns;  // of a latency, on a board: the bare wire's, in the median
  std::uint64_t spurious_responses = 0;
  double boot_s = 0;
  double to_first_stimulus_s = 0;
  double total_s = 0;
};

std::string to_json(const Outcome& outcome, const Plan& plan, const Cell& cell);

}  // namespace loopgate
