// Where what is gone by the end of a command may stand.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace loopgate {

// $TMPDIR, or /tmp. A usage error where it is no folder: the working folder is nobody's scratch.
Result<std::filesystem::path> temporary_folder();

}  // namespace loopgate
