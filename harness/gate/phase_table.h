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

// "generic: cells/generic.idle/trace.dat holds the worst, sample 137 (23.4 us)", a kernel a line; that it
// holds another one where it does. Empty where nothing was traced.
std::vector<std::string> trace_texts(const Comparison& comparison, const std::string& load);

}  // namespace loopgate
