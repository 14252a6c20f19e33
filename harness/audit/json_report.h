// The audit as JSON: harness/record/README.md, "cells/CELL/audit.json".
#pragma once

#include <string>

#include "audit/audit.h"

namespace loopgate {

// Ends with a line end. Invalid UTF-8 from the machine is replaced.
std::string to_json(const Audit& audit);

}  // namespace loopgate
