// OSADL's "RT Dataset" 1.0, the JSON that its latency plots are drawn from: what cyclictest measured on each
// core.
#pragma once

#include <memory>

#include "programs/result/self_measurement.h"

namespace loopgate {

std::unique_ptr<ResultReader> read_osadl(ResultOptions options);

}  // namespace loopgate
