// One run of a history: what it was measured with, and what it came to, from its raw files and its verdict.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time_base.h"
#include "history/past_figures.h"
#include "record/run_record.h"

namespace loopgate {

// A kernel under a load.
struct PastGroup {
  std::string kernel;
  std::string load;
  std::string load_sha256;
  std::string version;  // of its package, else its release or its image's digest
  std::string image_sha256;
  // "PASS" ... "INVALID"; where the run has no verdict "NOT GATED", but FAIL where the kernel failed.
  std::string verdict;
  std::string why;  // which cells are not measured by no fault of the kernel's, and why: then no figure
  std::uint64_t count = 0;          // answered stimuli; 0 where programs alone measured
  std::vector<PastFigure> figures;  // none where it is INVALID or `why`
};

struct PastRun {
  std::filesystem::path folder;
  std::string name;       // the folder's
  std::string problem;    // why it cannot be read: then the rest is empty
  bool left_out = false;  // by `problem`, which is none of its files: it is given twice, or is a part
  std::string started;    // UTC
  NamedInput suite;
  NamedInput board;
  TimeBase time_base = TimeBase::virtual_time;
  std::string measured_by;  // "instrument", a logic analyser's name, or what took its own figures
  bool has_stimuli = true;  // and an instrument's latencies; else programs alone measured
  std::string programs;     // that measured by themselves, joined by commas: others leave other figures
  std::string probe;
  bool emulator = false;     // wall-clock figures that are no hardware's
  std::string loopgate;      // version and commit
  std::string qemu;          // its version; empty on a board
  std::string tools_sha256;  // of instrument, QEMU and target programs; another is another tool
  std::string verdict;       // of all; "NOT GATED" without one
  std::string policy;
  std::string run_sha256;  // of run.json: two folders of one are one run
  bool has_page = false;   // report/index.html
  std::vector<PastGroup> groups;
};

// Never fails: what is wrong with a run is its `problem`, and what is wrong with a kernel under a load its
// group's `why`.
PastRun read_past_run(const std::filesystem::path& folder);

}  // namespace loopgate
