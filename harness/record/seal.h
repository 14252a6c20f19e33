// The last key of a JSON file that is written once: `sha256`, of all text before it. Whoever alters the file
// in one place has altered it in none. It is no signature: who computes it anew is not found out.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

// `text`: a JSON object, indented by two spaces.
std::string with_seal(std::string text);

// A data error where the text is not the one that was sealed, or has no seal. `name` stands for the file,
// `again` says how to make it anew.
Status check_seal(std::string_view text, const std::string& name, const std::string& again);

}  // namespace loopgate
