// A plan as a person reads it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "run/plan.h"

namespace loopgate {

struct PlanDetails {
  std::vector<std::string> kernels;  // of each of the plan's: "linux-image-… 6.12.118-1"
  // What would be started for the cell, a line each; nothing: no command lines are shown.
  std::function<std::vector<std::string>(const Cell&)> commands = {};
  std::vector<std::string> remarks = {};  // on the kernels, a sentence each
};

std::string plan_text(const Plan& plan, const PlanDetails& details);

// "virtual time", "wall-clock time" or "wall-clock time, on an emulator: no hardware's figures".
std::string time_text(const Board& board);

}  // namespace loopgate
