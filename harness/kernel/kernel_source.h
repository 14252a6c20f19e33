// Where a kernel's image and modules are found, by the kind of its source.
#pragma once

#include <filesystem>

#include "base/notify.h"
#include "base/result.h"
#include "config/board.h"
#include "config/kernel.h"
#include "kernel/built_kernel.h"
#include "kernel/kernel_files.h"

namespace loopgate {

// What is built with modules and without are two builds: who needs modules has the image of theirs.
bool needs_modules(const BuildSource& source, const Board& board);

// Image, .config, release and provenance. Fetches, and builds if `building` allows it, what is not in the
// cache yet.
Result<KernelFiles> find_kernel(const Kernel& kernel, const Board& board, Building building,
                                const std::filesystem::path& root, const Notify& notify);

// Its lib/modules/RELEASE; empty where an image of the user's own comes with none.
Result<std::filesystem::path> find_modules(const Kernel& kernel, Architecture architecture,
                                           const std::filesystem::path& root, const Notify& notify);

}  // namespace loopgate
