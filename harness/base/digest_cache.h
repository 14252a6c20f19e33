// Digests of large files that seldom change: kernels, archives, QEMU. Commands that follow each other need
// not read them again.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace loopgate {

// As sha256_of_file(); remembered in the cache folder for as long as the file keeps its path, inode, size and
// times of change. Whoever writes into the file moves its time of change (ctime), which nothing sets back.
// What is not seen: bytes that rot on the disk meanwhile, and whoever writes past the file system.
Result<std::string> cached_sha256_of_file(const std::filesystem::path& path);

}  // namespace loopgate
