// What of a run a verdict rests on, in one digest: which cells there are, how each ended, and the digests of
// what they left. A run that repeats to the nanosecond has the same one; any other has another. It is made of
// no computed figure, so that a later version of this program makes the same of a run.
#pragma once

#include <string>

#include "stats/comparison.h"

namespace loopgate {

// Of what run_statistics() gave; of figures read back from comparison.json it is another.
std::string evidence_sha256(const Comparison& evidence);

}  // namespace loopgate
