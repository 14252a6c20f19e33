// The short-lived files of one running QEMU, the shared memory among them. Destroying it removes them.
#pragma once

#include <filesystem>
#include <utility>

#include "base/result.h"

namespace loopgate {

class Workplace {
 public:
  static constexpr const char* channel_file = "channel";  // the shared memory
  static constexpr const char* monitor_file = "qmp";
  static constexpr const char* errors_file = "stderr";

  // Its place follows from the cell's folder, so that the command lines can be told beforehand; it is short,
  // since a socket's path has 107 characters at most, and in memory where the host has /dev/shm. Booting and
  // restoring have one each.
  static std::filesystem::path of(const std::filesystem::path& cell, bool restore);

  explicit Workplace(std::filesystem::path path) : path_(std::move(path)) {}
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  // The folder, with the shared memory in it. Also removes what interrupted harnesses left beside it, which
  // is 16 MiB of memory a cell.
  Status make() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  void sweep() const;

  std::filesystem::path path_;
};

}  // namespace loopgate
