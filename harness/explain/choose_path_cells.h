// Which cells of a run a question about a program's path means.
#pragma once

#include "base/result.h"
#include "explain/explain_paths.h"

namespace loopgate {

// With `cell` and `against` as names of cells: the first replicate of the kernel, under the load that is
// named or the run's first, and the other kernel's cell of the same load and replicate. An unknown name
// stays: it is refused where it is opened. A usage error where the kernel is not said and the run has
// several, where nothing fits, or where a cell is held against itself.
Result<PathRequest> with_path_cells(PathRequest request);

// The same of a run that has been read.
Result<PathRequest> with_path_cells(PathRequest request, const RunRecord& run);

}  // namespace loopgate
