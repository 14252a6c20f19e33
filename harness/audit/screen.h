// The audit as a person reads it: 100 columns, what needs attention told in full, the rest a line each.
#pragma once

#include <string>

#include "audit/audit.h"

namespace loopgate {

std::string screen_of(const Audit& audit);

// "31 good, 5 attention, 4 unknown, 12 not applicable".
std::string summary_of(const Audit& audit);

}  // namespace loopgate
