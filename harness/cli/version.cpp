#include "cli/version.h"

#include "build_commit.h"

namespace loopgate {

LoopgateVersion loopgate_version() { return {LOOPGATE_VERSION, LOOPGATE_COMMIT}; }

}  // namespace loopgate
