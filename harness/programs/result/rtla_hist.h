// What `rtla timerlat hist` and `rtla osnoise hist` print, as the versions of Linux 6.1 to 7.3 do: a row a
// bin, for each CPU the columns IRQ, Thr and Usr (timerlat) or one (osnoise), then rows of sums.
#pragma once

#include <memory>

#include "programs/result/self_measurement.h"

namespace loopgate {

std::unique_ptr<ResultReader> read_rtla_hist(ResultOptions options);

// Whether a file that begins so is one.
bool looks_like_rtla_hist(std::string_view beginning);

}  // namespace loopgate
