// Stimuli that never came to the payload, in a sentence for people: whose fault they are not, and what the
// bare wire did. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/time_base.h"
#include "record/lost_edges.h"
#include "stats/comparison.h"

namespace loopgate {

// "3 of 10,100 stimuli never came to the payload: the chip, the wire or the kernel lost their edges, and not
// the payload. The bare wire lost 0 of 200 edges there and back"
std::string lost_edges_text(const LostEdges& edges, TimeBase time_base);

// One for each group that lost any, under its name.
std::vector<std::string> lost_edges_sentences(const Comparison& comparison);

}  // namespace loopgate
