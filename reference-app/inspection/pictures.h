// Decides the pictures of a folder, one after the other, without pins or real-time rights.
#pragma once

#include <iosfwd>

#include "inspection/error.h"
#include "inspection/options.h"

namespace loopgate::inspection {

// A table, or with --json an object, goes to `out`.
Status inspect_pictures(const Options& options, std::ostream& out);

}  // namespace loopgate::inspection
