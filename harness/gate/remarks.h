// What a verdict leaves out, in sentences for people: they change no verdict. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/evaluate.h"

namespace loopgate {

// Of a verdict whose checks and groups are whole: that idle alone was judged, that the baseline has the very
// samples of this run, and which growth of a latency a PASS would not have shown.
std::vector<std::string> remarks_on(const Verdict& verdict, const Comparison& run,
                                    const std::optional<Baseline>& baseline);

}  // namespace loopgate
