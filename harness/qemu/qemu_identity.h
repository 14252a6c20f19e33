// Which QEMU and which instrument measure: figures of unequal ones are not compared to the nanosecond.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "config/board.h"

namespace loopgate {

struct QemuIdentity {
  std::string version;  // "10.0.2"
  std::string binary_sha256;
  std::string instrument_sha256;
};

// The version in `qemu-system-… --version`; refused when it is older than the board wants.
Result<std::string> qemu_version(const Board& board);

// The version, and the digests of what the measurement depends on.
Result<QemuIdentity> identify_qemu(const Board& board, const std::filesystem::path& plugin);

}  // namespace loopgate
