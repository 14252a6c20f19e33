// `--board "$BOARD"` where no such variable is set.
#pragma once

#include <CLI/CLI.hpp>

namespace loopgate {

// Most options that are empty would be taken for options that were not given, and another board, model or
// policy than the one that was meant be used without a word. Of all options of a command and of its
// subcommands: a value that is empty is refused, by the option's name.
void refuse_empty_values(CLI::App* command);

}  // namespace loopgate
