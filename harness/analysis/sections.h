// What `loopgate sections` does: makes measured cells' runs again with the recorder in QEMU, and sums up
// every window in which an interrupt or a wake-up had to wait.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/section_summary.h"
#include "base/notify.h"
#include "base/result.h"
#include "record/hunt_file.h"
#include "record/run_record.h"
#include "run/replay.h"

namespace loopgate {

struct SectionsRequest {
  std::filesystem::path run = {};
  // Those that are named; empty: each. Of a kernel under a load the first replicate is recorded.
  std::vector<std::string> kernels = {};
  std::vector<std::string> loads = {};
  std::vector<std::string> cells = {};  // instead of both
  // Once it is true, the work ends with an infrastructure error.
  const std::atomic<bool>* stop = nullptr;
};

struct CellSections {
  std::string cell;
  std::string kernel;
  std::string load;
  std::string samples_sha256;  // of the measured run's and the recorded one's: they are equal
  bool preemptible = false;    // the kernel preempts its own code (CONFIG_PREEMPTION)
  double host_s = 0;           // of the recorded run
  SectionSummary summary;
};

// What it takes to record the sections of a cell's kernel, as the guest itself says it.
struct SectionBench {
  Symbols symbols;  // the kernel's
  KernelLayout kernel;
  SectionSettings settings;
};

// A guest is restored only to write its symbols. A data error where this kernel's sections can't be recorded.
Result<SectionBench> section_bench(Replay* replay, const ProgressListener& on_progress);

// Every window of a cell's run, which was made again.
struct RecordedWindows {
  RecordedSections windows;
  Symbols symbols;  // the kernel's
  double host_s = 0;
};

// An infrastructure error where the run did not repeat or was not recorded whole.
// `hunted`: of the run up to this stimulus of a hunt instead.
Result<RecordedWindows> record_windows(Replay* replay, const HuntedStimulus* hunted = nullptr);

// The cells that are meant, in the order of the run. A usage error where a name is not in it, or nothing
// fits.
Result<std::vector<DescribedCell>> section_cells(const SectionsRequest& request, const RunRecord& run);

// `version` is loopgate's own. Progress is shown on stderr. An infrastructure error where a run did not
// repeat or was not recorded whole.
Result<std::vector<CellSections>> record_sections(const SectionsRequest& request,
                                                  const LoopgateVersion& version, const Notify& notify);

}  // namespace loopgate
