// Where the harness finds what it needs.
#pragma once

#include <filesystem>

#include "base/architecture.h"

namespace loopgate {

// Put beside this program by the build, into lib/loopgate by the installation: $LOOPGATE_BUILD overrides the
// folder.
std::filesystem::path instrument_plugin();
// The archive of them; the programs themselves lie beside it.
std::filesystem::path target_programs(Architecture architecture);

// The project's own rules of the audit; `root` holds fixtures/.
std::filesystem::path audit_rules_of(const std::filesystem::path& root);

}  // namespace loopgate
