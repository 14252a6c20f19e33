// The table [lines] of a board, or of a bench whose board leaves its pins to it.
#pragma once

#include "config/board.h"
#include "config/toml_table.h"

namespace loopgate {

// No line at all: where each has to be named.
inline constexpr PinLines no_lines = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

// Keeps the lines that are not named. Refuses a line with two roles, and half of a wire.
Status read_pin_lines(TomlTable table, PinLines* lines);

}  // namespace loopgate
