// A run of an unpacked bundle, measured again on this machine: on virtual time whoever has the same kernels
// and programs gets the same samples, to the byte.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/notify.h"
#include "base/result.h"
#include "record/run_record.h"

namespace loopgate {

// Measures each of its measured cells again, in its folder, and gives how many there were. A usage error
// where this machine cannot: the run is in wall-clock time, or kernel, QEMU, instrument, suite or programs
// are others here, which is named. A data error where a cell gave other samples: its bundle's are not what is
// measured.
Result<std::size_t> rerun(const std::filesystem::path& run_folder, const LoopgateVersion& loopgate,
                          const Notify& notify);

// The same of two files of samples: a data error that says where they part.
Status check_same_samples(const std::string& cell, const std::filesystem::path& measured,
                          const std::filesystem::path& again);

}  // namespace loopgate
