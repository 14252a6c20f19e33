// Which loopgate this is: every run says which one measured.
#pragma once

#include "record/run_record.h"

namespace loopgate {

LoopgateVersion loopgate_version();

}  // namespace loopgate
