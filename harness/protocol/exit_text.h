// How a program of the target ended, in the words of the report: what the agent writes and the harness reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

inline constexpr std::string_view still_runs = "still runs";

std::string exited_text(int status);     // "exited 0"
std::string signalled_text(int signal);  // "signal 9"

// Of text that begins and ends so; nothing of any other.
std::optional<int> exit_status_of(std::string_view text);
std::optional<int> signal_of(std::string_view text);
inline bool exited_well(std::string_view text) { return exit_status_of(text) == 0; }

}  // namespace loopgate
