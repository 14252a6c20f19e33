// The exit statuses of loopgate: the verdicts and the user's mistakes never share one.
#pragma once

namespace loopgate {

inline constexpr int exit_pass = 0;
inline constexpr int exit_fail = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_invalid = 3;
inline constexpr int exit_inconclusive = 4;

}  // namespace loopgate
