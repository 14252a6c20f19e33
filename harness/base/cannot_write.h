// A file of the host's that cannot be written, with what helps on a full disk. What is compiled for the
// target, too (record/samples_file.cpp), has words of its own: there is no fmt.
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
              error_number == ENOSPC || error_number == EDQUOT
                  ? "free some space on that disk and give the command again (`run` with --resume)"
                  : "");
}

}  // namespace loopgate
