// What the cache records of its own files: JSON objects that carry a digest of themselves, so that a damaged
// record is no record. It is no signature: whoever can write a record can seal one.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

// The text of a file that holds the object, of numbers, texts and objects.
std::string sealed(nlohmann::json object);

// The object of such a text; nothing where it is none, or was altered since.
std::optional<nlohmann::json> unsealed(std::string_view text);

// Of a file; nothing where it cannot be read, or is larger than any record.
std::optional<nlohmann::json> read_sealed(const std::filesystem::path& file);

}  // namespace loopgate
