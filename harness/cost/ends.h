// The two kernels of a cost, and how they differ.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "bisect/kernel_bench.h"
#include "bisect/kernel_changes.h"
#include "record/listed_change.h"

namespace loopgate {

struct CostEnds {
  PreparedKernel from;
  PreparedKernel to;
  // To the other kernel; where that is a package or an image, and the first is built from source, to what is
  // built of the other's options from the first one's sources.
  KernelDifference difference;
  bool rebuilt = false;
  std::vector<ListedChange> left_out;      // of the other's options
  std::vector<ConfigOption> from_options;  // all of the first kernel's final .config, where it is built
};

inline constexpr const char* from_folder = "from";
inline constexpr const char* to_folder = "to";
inline constexpr const char* to_rebuilt_folder = "to-rebuilt";

// Fetches and builds both. A usage error where they do not differ, or options are asked for that nothing is
// built with.
Result<CostEnds> prepare_ends(const Kernel& from, const Kernel& to, const std::vector<std::string>& globs,
                              const std::filesystem::path& folder, const KernelBench& bench);

// The first kernel with these differences, the others being held as it has them: Kconfig's default would
// bring some of them along.
Result<PreparedKernel> prepare_between(const CostEnds& ends, const ChangeSet& changes,
                                       const std::filesystem::path& folder, const KernelBench& bench);

// Which of `more` Kconfig takes when they go in on top of `with`. None where they bring others along, or the
// rest can't stand with them.
Result<ChangeSet> taken_options(const CostEnds& ends, const ChangeSet& with, const ChangeSet& more,
                                const std::filesystem::path& folder, const KernelBench& bench);

// Of all differences those that Kconfig has otherwise: it does not take one that is to be in, or brings one
// that is to be out.
Result<ChangeSet> lost_changes(const CostEnds& ends, const ChangeSet& changes,
                               const std::filesystem::path& folder, const KernelBench& bench);

// The order in which differences go in: options as the other kernel's .config has them, which is by menu, so
// that most stand behind what they depend on.
std::vector<std::size_t> order_of(const CostEnds& ends);

}  // namespace loopgate
