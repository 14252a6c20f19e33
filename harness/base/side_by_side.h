// Several pieces of work at a time, by threads of this process.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace loopgate {

// Calls `work(i)` for each i below `count`, at most `jobs` at a time, and comes back when all that were begun
// have ended. After an error no other one is begun. Gives the error of the lowest i. An exception, which is
// none of ours, becomes an infrastructure error.
Status side_by_side(std::size_t count, int jobs, const std::function<Status(std::size_t)>& work);

}  // namespace loopgate
