// How lab.toml names a serial console that is no device of this machine: a TCP port that forwards one.
#pragma once

#include <string_view>

namespace loopgate {

inline constexpr std::string_view tcp_scheme = "tcp:";         // its bytes as they are
inline constexpr std::string_view telnet_scheme = "rfc2217:";  // by telnet: ser2net's and labgrid's usual way

}  // namespace loopgate
