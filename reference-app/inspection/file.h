// Reads a whole file, or explains in one sentence why not.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "inspection/error.h"

namespace loopgate::inspection {

// Fails with `exit_status` when it is not a regular file, cannot be read, or has more than `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit, int exit_status);

}  // namespace loopgate::inspection
