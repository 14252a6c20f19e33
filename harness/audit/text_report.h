// The audit as text of 100 columns: findings that need attention in full, the others one line each.
#pragma once

#include <string>

#include "audit/audit.h"

namespace loopgate {

std::string to_text(const Audit& audit);

// "31 good, 5 attention, 4 unknown, 12 not applicable".
std::string summary_of(const Audit& audit);

}  // namespace loopgate
