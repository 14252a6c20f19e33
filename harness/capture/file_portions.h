// A file that somebody names, or a pipe, read to its end in portions.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string_view>

#include "base/result.h"

namespace loopgate {

// How long a pipe that nothing has come out of is waited for to have a writer. One that has is waited for as
// long as it takes: it may be another program's work.
inline constexpr std::chrono::seconds writer_timeout{10};

// Calls `take` with each portion, none of them empty, up to the first that it refuses. A usage error, which
// goes on from the file's name, where it can't be read, or is a pipe that nobody writes to.
Status read_in_portions(const std::filesystem::path& path,
                        const std::function<Status(std::string_view)>& take,
                        std::chrono::milliseconds timeout = writer_timeout);

}  // namespace loopgate
