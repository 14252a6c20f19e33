// What a probe in the kernel saw, as a table: a row for each phase, a column for each kernel and figure.
#pragma once

#include <string>
#include <vector>

#include "stats/comparison.h"

namespace loopgate {

// The head first; empty where nothing has phases.
std::vector<std::vector<std::string>> phase_rows(const Comparison& comparison, const std::string& load);

// "probe ebpf: generic 10,000 events, 0 lost, costs 1.4 us each; ..." of a load; what is incomplete says so.
// Empty without a probe.
std::string probe_text(const Comparison& comparison, const std::string& load);

}  // namespace loopgate
