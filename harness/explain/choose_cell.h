// Which measured cell a request means. Each replicate is a cell, and the worst sample of a kernel may be in
// any of them.
#pragma once

#include "base/notify.h"
#include "base/result.h"
#include "explain/session.h"

namespace loopgate {

// With `cell` and `against` as names of cells. Where no cell is named, it is the one with the largest latency
// of all, or of the kernel and load that are named. Another kernel's name as `against` is its cell of the
// same load and replicate, since these share their schedule. `notify` gets what was chosen.
//
// A usage error where nothing of the run fits, a data error where the run cannot be read.
Result<ExplainRequest> with_cells(ExplainRequest request, const Notify& notify);

// The cell of the name that `--against` gives: itself, or the kernel's that was measured with the schedule of
// `beside`. Another name stays: it is refused where it is opened.
std::string other_cell(const RunRecord& run, const std::string& name, const std::string& beside);

}  // namespace loopgate
