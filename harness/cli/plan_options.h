// The options that `plan` and `run` share.
#pragma once

#include <CLI/App.hpp>

#include "run/plan.h"

namespace loopgate {

void add_plan_options(CLI::App* command, PlanRequest* request);

}  // namespace loopgate
