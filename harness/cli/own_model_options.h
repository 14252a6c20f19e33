// The options that put a model of the user's own into a suite.
#pragma once

#include <CLI/App.hpp>

#include "config/own_model.h"

namespace loopgate {

void add_own_model_options(CLI::App* command, OwnModel* own);

}  // namespace loopgate
