// From what was watched of a sample to its explanation: spans, tasks, phases and events that add up to the
// latency.
#pragma once

#include "base/result.h"
#include "explain/explanation.h"
#include "explain/symbols.h"
#include "explain/watch_reader.h"

namespace loopgate {

struct AccountOptions {
  std::uint64_t vectors = 0;  // the exception vectors' address
  bool phases_only = false;   // what was watched has no more than that
};

// A data error where the spans do not cover the time from stimulus to response, or the sample was given up.
Result<ExplainedSample> account_for(const WatchedSample& watched, const std::vector<WatchedBlock>& blocks,
                                    Symbols* symbols, const AccountOptions& options);

}  // namespace loopgate
