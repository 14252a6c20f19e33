// The histogram that cyclictest prints (-h, -H and --histfile), as rt-tests 1.0 to 2.10 write it: a row a
// microsecond with a column a thread, then its footers.
#pragma once

#include <memory>

#include "programs/result/self_measurement.h"

namespace loopgate {

std::unique_ptr<ResultReader> read_cyclictest_text(ResultOptions options);

// Whether a file that begins so is one.
bool looks_like_cyclictest_text(std::string_view beginning);

}  // namespace loopgate
