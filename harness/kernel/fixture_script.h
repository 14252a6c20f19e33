// The scripts in fixtures/ fetch and make what a machine boots; each prints one JSON object.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/notify.h"
#include "base/result.h"

namespace loopgate {

// Errors are in the script's own words: usage where it exits with 2, else infrastructure.
Result<nlohmann::json> run_fixture_script(const std::vector<std::string>& argv, const Notify& notify);

// A string of the object; empty where there is none.
std::string text_in(const nlohmann::json& object, const char* key);

}  // namespace loopgate
