// From a sample's trace to its explanation: spans, tasks, phases and events that add up to the latency.
#pragma once

#include "base/result.h"
#include "explain/arch/explain_arch.h"
#include "explain/sample/explained_sample.h"
#include "explain/symbols.h"
#include "explain/trace_reader.h"

namespace loopgate {

struct AttributionOptions {
  const ExplainArch* arch = nullptr;
  bool phases_only = false;  // the trace has no more than that
  int cpus = 1;              // of the board; several take turns, and one that idles executes nothing
};

// A data error where the spans do not cover the time from stimulus to response; a usage error where the
// sample was given up.
Result<ExplainedSample> attribute_time(const TracedSample& traced, const std::vector<TraceBlock>& blocks,
                                       Symbols* symbols, const AttributionOptions& options);

}  // namespace loopgate
