// The forms of what is exported, one file each.
#pragma once

#include "capture/export_source.h"

namespace loopgate {

// Both forms that cyclictest writes, its JSON and its histogram: of one kernel under one load, in bins of a
// microsecond. A usage error where bins are wider than those.
Result<Exported> export_as_cyclictest(const ExportRequest& request, const ExportSource& source);

// A row for each latency, or each bin, of all kernels and loads.
Exported export_as_csv(const ExportSource& source);

}  // namespace loopgate
