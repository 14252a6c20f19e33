// Makes a measured cell's run again, with the plugin tracing: the same saved state, the same job, the same
// schedule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "explain/symbols.h"
#include "machine/machine.h"
#include "protocol/trace_settings.h"

namespace loopgate {

struct TraceRequest {
  CellRequest order;               // as it was measured; its folder is a scratch folder
  std::filesystem::path measured;  // samples.lgs
  std::string measured_sha256;
  std::vector<std::uint32_t> samples;  // empty: every counted one
  bool phases_only = false;
};

struct TracedRun {
  std::filesystem::path file;  // in the order's folder
  KernelLayout kernel;
  std::string report;  // the agent's JSON
};

// A guest restored for nothing else hands its symbols in.
Result<KernelSymbols> fetch_symbols(Machine* machine, CellRequest order, const ProgressListener& observe);

// An infrastructure error when the run's samples are not those that were measured: it says where they part.
Result<TracedRun> trace_again(Machine* machine, const TraceRequest& request, const KernelLayout& kernel,
                              const ProgressListener& observe);

}  // namespace loopgate
