// What the readers of a cell's binary files (samples, stamps, frames) refuse alike.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace loopgate {

// No clock of a cell comes this far (70 years); sums of two such times do not overflow.
constexpr std::int64_t time_max_ns = std::int64_t{1} << 61;

inline tl::unexpected<Error> damaged(const std::string& name, const std::string& what) {
  return fail(ErrorKind::data, name + ": " + what,
              "measure this cell again: remove its folder and run with --resume");
}

}  // namespace loopgate
