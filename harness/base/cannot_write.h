// A file that cannot be written, told alike wherever it happens, with what helps on a full disk.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/result.h"

namespace loopgate {

// `error_number` is errno's. Kind: infrastructure.
inline tl::unexpected<Error> cannot_write(const std::filesystem::path& path, int error_number) {
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: cannot be written: {}", path.string(), std::strerror(error_number)),
              error_number == ENOSPC
                  ? "free some space on that disk and give the command again (`run` with --resume)"
                  : "");
}

}  // namespace loopgate
