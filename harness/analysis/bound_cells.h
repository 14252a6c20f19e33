// What `loopgate bound` does: has measured cells' runs made again, with the recorder and with every sample
// traced, and composes what an answer can take at most.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/sections.h"
#include "explain/sample/moments.h"
#include "record/worst_case.h"

namespace loopgate {

struct BoundedCell {
  CellWorstCase figures;
  // Of all replicates of its kernel under its load, the recorded one among them.
  std::size_t replicates = 0;
  std::uint64_t samples_of_all = 0;
  std::int64_t max_of_all_ns = 0;
};

struct Bounds {
  std::vector<BoundedCell> cells;   // recorded now
  std::vector<CellWorstCase> kept;  // of the run's other cells, recorded before and still of the same samples
};

// The request is that of sections: the first replicate of each kernel and load, or those that are named.
// Where hunt.json has a stimulus of the same samples, its run is recorded, too. An infrastructure error where
// a run did not repeat or was not recorded whole, or a recorded sample took longer than the bound, which is a
// broken model.
Result<Bounds> bound_cells(const SectionsRequest& request, const LoopgateVersion& version,
                           const Notify& notify);

// Leaves the bounds of the cells that the request is not of. For a request that came to none.
Status forget_bounds(const SectionsRequest& request);

// What worst-case.json has then.
WorstCases worst_cases_of(const Bounds& bounds);

// A data error where a recorded sample took longer than the bound.
Status check_bound(const CellWorstCase& figures, const std::vector<SampleMoments>& samples);

// The longest window of a kind.
LongestWindow longest_window(const RecordedSections& sections, SectionKind kind, Symbols* symbols);

}  // namespace loopgate
