// rteval's summary.xml, of versions 2 and 3: what its cyclictest measured on each core. What its timerlat
// measured is refused: rteval adds the latencies of interrupt, thread and user-space thread up.
#pragma once

#include <memory>

#include "programs/result/self_measurement.h"

namespace loopgate {

std::unique_ptr<ResultReader> read_rteval_xml(ResultOptions options);

}  // namespace loopgate
