// The audit as JSON: harness/record/README.md, "audit.json".
#pragma once

#include <string>

#include "audit/audit.h"

namespace loopgate {

// Ends with an end of line. Bytes of the machine's that are no UTF-8 are replaced.
std::string document_of(const Audit& audit);

}  // namespace loopgate
