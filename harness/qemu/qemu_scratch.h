// The short-lived files of one running QEMU, the shared memory among them: a folder that goes with its
// object.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/scratch_dir.h"
#include "protocol/channel.h"

namespace loopgate {

struct QemuScratch {
  static constexpr const char* kind = "qemu";
  static constexpr const char* channel_file = "channel";  // the shared memory
  static constexpr const char* monitor_file = "qmp";
  static constexpr const char* errors_file = "stderr";
  static constexpr const char* acpi_table_file = "gpio.aml";

  // Follows from the cell's folder, so that the command lines are known beforehand; it is short, since a
  // socket's path has 107 characters at most, and in memory where the host has a /dev/shm to write to.
  // Booting and restoring have one each, and so has each container: in two of them one path may mean two
  // cells.
  static std::filesystem::path path_of(const std::filesystem::path& cell, bool restore);

  // The folder, with the shared memory in it. Also removes what harnesses that were killed left beside it,
  // which is 16 or 64 MiB of memory a cell.
  static Result<ScratchDir> make(const std::filesystem::path& path, const ChannelLayout& layout);
};

}  // namespace loopgate
