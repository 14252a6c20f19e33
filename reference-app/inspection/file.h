// Reading a whole file, with one sentence if that fails.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "inspection/problem.h"

namespace loopgate::inspection {

// Fails with `exit_status` when there is no regular file, it can't be read, or it has more than `limit`
// bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit, int exit_status);

}  // namespace loopgate::inspection
