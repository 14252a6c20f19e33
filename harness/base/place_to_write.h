// Whether there can be a folder, or a file, where the user wants one: asked before minutes are spent on what
// would go there, and by making it, since rights alone do not tell (root may write into /proc, and cannot).
#pragma once

#include <filesystem>

#include "base/result.h"

namespace loopgate {

// A usage error that begins with `option` where no folder can be made, or the one that is there takes no
// files. What was made to find out is gone again. A disk that is full or broken is no mistake of the user's,
// and is found by who writes.
Status check_folder_place(const std::filesystem::path& folder, const char* option);

// The same of a file. What is there already and is no regular file, such as /dev/stdout, is a place.
Status check_file_place(const std::filesystem::path& file, const char* option);

}  // namespace loopgate
