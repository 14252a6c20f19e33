// Makes a measured cell's run again, with the plugin tracing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "machine/machine.h"
#include "protocol/trace_settings.h"
#include "record/hunt_file.h"
#include "run/replay.h"

namespace loopgate {

struct TracedRun {
  std::filesystem::path file;  // in the replay's scratch folder
  std::string report;          // the agent's JSON
  double host_s = 0;           // host time that it took
};

// Of a kernel that was built here they lie beside it; else a guest is restored only to write them.
Result<KernelSymbols> fetch_symbols(Replay* replay, const ProgressListener& on_progress);

// Without `samples` every counted one is traced. An infrastructure error where the run did not repeat.
// `hunted`: instead of the measured run, the one up to this stimulus of a hunt, which must take what it took.
Result<TracedRun> trace_again(Replay* replay, const std::vector<std::uint32_t>& samples, bool phases_only,
                              const KernelLayout& kernel, const ProgressListener& on_progress,
                              const HuntedStimulus* hunted = nullptr);

// The same of a cell whose programs measure by themselves: the paths between their marks.
Result<TracedRun> count_paths_again(Replay* replay, const KernelLayout& kernel,
                                    const ProgressListener& on_progress);

// The same of a cell with samples: every critical section, in the file of protocol/section_file.h.
Result<TracedRun> record_sections_again(Replay* replay, const KernelLayout& kernel,
                                        const SectionSettings& sections, const ProgressListener& on_progress,
                                        const HuntedStimulus* hunted = nullptr);

}  // namespace loopgate
