// Versions of programs, such as "10.0.2".
#pragma once

#include <string_view>

namespace loopgate {

// Whether `version` comes before `minimum`, number by number: 10.0.2 before 10.2, 9.2 before 10.0. A number
// that is left out is 0, and what follows the numbers ("-rc1", "+ds") counts for nothing.
bool is_older(std::string_view version, std::string_view minimum);

}  // namespace loopgate
