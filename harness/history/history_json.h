#pragma once

#include <filesystem>
#include <string>

#include "history/history.h"

namespace loopgate {

// history.json, which the page is drawn from. Links are relative to `out`.
std::string history_json(const History& history, const std::filesystem::path& out);

}  // namespace loopgate
