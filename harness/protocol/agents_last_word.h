// The agent's last word on the console, where it could not reach the shared memory: the line that it writes
// and that the harness finds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

// What every line of the agent's begins with.
inline constexpr std::string_view agents_mark = "loopgate: ";

// Without that mark and without an end of line.
std::string agents_last_word(const std::string& what);

// The last one that the console shows: its `what`; nothing where the agent said none.
std::optional<std::string> find_agents_last_word(std::string_view console);

}  // namespace loopgate
