// The small files of /proc, /sys and tmpfs: read whole, written with one call.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

Result<std::string> read_text(const std::string& path);

// No more than its first bytes: of what a program wrote, which may be of any size.
Result<std::string> read_head(const std::string& path, std::size_t bytes_max);

// No more than its last bytes.
Result<std::string> read_tail(const std::string& path, std::size_t bytes_max);

// One write(2), since /proc and /sys take a value whole. The file must be there.
Status write_text(const std::string& path, std::string_view text);

// Without the blanks and ends of line at its end.
std::string_view without_end(std::string_view text);

// The last `bytes_max` bytes.
std::string tail_of(std::string_view text, std::size_t bytes_max);

}  // namespace loopgate
