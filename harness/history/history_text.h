#pragma once

#include <string>

#include "history/history.h"

namespace loopgate {

// For a terminal: how much was read, each change, and each run that can't be read.
std::string history_text(const History& history);

}  // namespace loopgate
