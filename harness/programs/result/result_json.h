// Numbers and texts in JSON files of other programs, which check little themselves. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

// An object of the file; a data error where the text is none. The mean of nothing, which the programs write
// as nan, is null.
Result<nlohmann::json> json_of_result(const std::string& text);

// Nothing where the key is not there, or holds another type.
std::optional<std::uint64_t> json_number(const nlohmann::json& object, const char* key);
std::string json_text(const nlohmann::json& object, const char* key);

// Names of threads and bins are numbers in quotes.
std::optional<std::uint64_t> number_named(const std::string& name);

}  // namespace loopgate
