// Where the build put what the harness needs.
#pragma once

#include <filesystem>

namespace loopgate {

// Beside this program: $LOOPGATE_BUILD overrides the folder.
std::filesystem::path instrument_plugin();
std::filesystem::path target_programs();

}  // namespace loopgate
