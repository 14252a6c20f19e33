// The sentences of an acceptance: how it was not carried out as planned, and what nobody tested. Pure.
#pragma once

#include <string>
#include <vector>

#include "accept/describe.h"

namespace loopgate {

std::vector<std::string> deviations_of(const AcceptanceRecord& record, const AcceptancePlan& plan,
                                       const std::vector<AcceptedRun>& runs);

std::vector<std::string> not_tested_of(const std::vector<AcceptedRun>& runs);

}  // namespace loopgate
