// Modules that are loaded before anything else runs: as an archive behind the target image, or in the
// initramfs that a candidate boots with on an SSH board.
#pragma once

#include <filesystem>

#include "base/notify.h"
#include "base/result.h"
#include "config/board.h"
#include "config/kernel.h"

namespace loopgate {

// An archive of the modules that the kernel's file names, with what they need; empty where it names none.
Result<std::filesystem::path> pack_modules(const Kernel& kernel, Architecture architecture,
                                           const std::filesystem::path& root, const Notify& notify);

// What a candidate needs to boot on an SSH board without being installed there: loads the board's [boot]
// modules and hands over to the board's own system. Kept in the cache.
Result<std::filesystem::path> make_initramfs(const Kernel& kernel, const Board& board,
                                             const std::filesystem::path& root, const Notify& notify);

}  // namespace loopgate
