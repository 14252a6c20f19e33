// What somebody may have meant by a name that is not known.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loopgate {

// The one of `known` that takes the fewest letters added, left out, replaced or swapped with the next one to
// become: at most 2, and 1 for a name of up to 5 letters. Nothing where that is none, or more than one.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known);

// The next step of an error about `name`: did you mean "mixed"? Else "known: idle, mixed"; empty where there
// are none.
std::string meant_or_known(std::string_view name, const std::vector<std::string>& known);

// "must be one of idle, mixed; did you mean \"mixed\"?", of a value of a file.
std::string must_be_one_of(std::string_view name, const std::vector<std::string>& known);

}  // namespace loopgate
