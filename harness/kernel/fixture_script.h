// The scripts in fixtures/ fetch and make what a machine boots; each prints one JSON object.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/notify.h"
#include "base/result.h"

namespace loopgate {

// A kernel package is 60 to 100 MB: half an hour is enough for a line of 0.5 Mbit/s.
constexpr std::chrono::seconds fetch_limit{1800};

// Ended after `limit`. Errors are in the script's own words: usage where it exits with 2, else
// infrastructure.
Result<nlohmann::json> run_fixture_script(const std::vector<std::string>& argv, const Notify& notify,
                                          std::chrono::seconds limit = fetch_limit);

// A string of the object; empty where there is none.
std::string text_in(const nlohmann::json& object, const char* key);

}  // namespace loopgate
