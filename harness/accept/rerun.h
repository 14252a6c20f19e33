// A run of an unpacked bundle, measured again on this machine: on virtual time whoever has the same kernels
// and programs gets the same samples, to the byte.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/notify.h"
#include "base/result.h"
#include "record/run_record.h"

namespace loopgate {

struct Rerun {
  std::size_t repeated = 0;
  std::vector<std::string> not_measured = {};  // "CELL: reason" of those that have no measurement to repeat
  // "QEMU 10.0.2 (sha256 0123456789ab, instrument 0123456789ab)". They may differ: the samples' digests
  // decide.
  std::set<std::string> machines_there = {};
  std::set<std::string> machines_here = {};
};

// Measures each of its measured cells again, in its folder. A usage error where this machine cannot: the run
// is in wall-clock time, or kernel, suite or programs are others here, which is named. A data error where a
// cell gave other samples: its bundle's are not what is measured here.
Result<Rerun> rerun(const std::filesystem::path& run_folder, const LoopgateVersion& loopgate,
                    const Notify& notify);

}  // namespace loopgate
