// The speeds that a bench's serial line may have, and what termios(3) calls them.
#pragma once

#include <termios.h>

#include <array>
#include <utility>

namespace loopgate {

inline constexpr std::array<std::pair<int, speed_t>, 14> console_speeds = {{{9600, B9600},
                                                                            {19200, B19200},
                                                                            {38400, B38400},
                                                                            {57600, B57600},
                                                                            {115200, B115200},
                                                                            {230400, B230400},
                                                                            {460800, B460800},
                                                                            {500000, B500000},
                                                                            {921600, B921600},
                                                                            {1000000, B1000000},
                                                                            {1500000, B1500000},
                                                                            {2000000, B2000000},
                                                                            {3000000, B3000000},
                                                                            {4000000, B4000000}}};

}  // namespace loopgate
