// Numbers and texts in JSON files of other programs, which check little themselves. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

// An object of the file; a data error where the text is none, or has a key twice: one reader takes the first
// value and another the last (RFC 8259, section 4). The mean of nothing, which the programs write as nan, is
// null.
Result<nlohmann::json> json_of_result(const std::string& text);

// The first key that stands in one object a second time; empty where none does. Of text that is JSON.
std::string key_given_twice(std::string_view text);

// Nothing where the key is not there, or holds another type.
std::optional<std::uint64_t> json_number(const nlohmann::json& object, const char* key);
std::string json_text(const nlohmann::json& object, const char* key);

// Names of threads and bins are numbers in quotes.
std::optional<std::uint64_t> number_named(const std::string& name);

}  // namespace loopgate
