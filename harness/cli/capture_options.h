// The options that say what an external instrument measured.
#pragma once

#include <CLI/App.hpp>

#include "capture/measured_board.h"

namespace loopgate {

void add_measured_board_options(CLI::App* command, MeasuredBoard* board);

}  // namespace loopgate
