// Which of a trace's windows is which program's: the programs of a cell run one after the other, and each
// that has marks goes once from the one to the other.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "explain/path_lengths.h"
#include "explain/trace_reader.h"
#include "record/programs_file.h"

namespace loopgate {

// The window of the program at `wanted`, in `windows`. A usage error where it has no marks, or did not come
// to the second; a data error where windows and programs can't be brought together.
Result<const PathWindow*> window_of(const std::vector<ProgramRecord>& programs, std::size_t wanted,
                                    const std::vector<PathWindow>& windows);

// How many iterations the program says that it made: a figure of that name. A usage error where it says none,
// or is of a kind that marks nothing.
Result<std::uint64_t> iterations_of(const ProgramRecord& program);

// The figure whose path is between its marks, and the steps of the clock that it is of. A data error where
// the program left none.
Result<PathFigure> figure_of(const ProgramRecord& program);

}  // namespace loopgate
