// What `accept` and `verify` say of an acceptance.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "accept/describe.h"
#include "base/output.h"

namespace loopgate {

// Title and people, then each run's table, deviations and what was not tested.
void print_acceptance(const nlohmann::json& document, const std::vector<AcceptedRun>& runs, Answer* answer);

// The verdict's exit status; that of damaged files where one could not be read.
int status_of_runs(const std::vector<AcceptedRun>& runs);

}  // namespace loopgate
