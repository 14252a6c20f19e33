// Where the build put what the harness needs.
#pragma once

#include <filesystem>
#include <string>

namespace loopgate {

// Beside this program: $LOOPGATE_BUILD overrides the folder.
std::filesystem::path instrument_plugin();
// The archive of them; the programs themselves lie beside it.
std::filesystem::path target_programs(const std::string& architecture = "arm64");

}  // namespace loopgate
