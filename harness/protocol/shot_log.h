// When the counted stimuli of a hunt fell due, written as they do: what is left of a run whose kernel failed.
// A scratch file between QEMU and the harness of the same host: an array of virtual ns, and nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"

namespace loopgate {

class ShotLog {
 public:
  // Begins the file anew.
  static Result<ShotLog> create(const std::filesystem::path& path);
  ShotLog(ShotLog&& other) noexcept;
  ShotLog& operator=(ShotLog&&) = delete;
  ShotLog(const ShotLog&) = delete;
  ShotLog& operator=(const ShotLog&) = delete;
  ~ShotLog();

  // Is in the file when it returns, however QEMU ends.
  Status add(std::int64_t due_ns);

 private:
  ShotLog(int fd, std::filesystem::path path);
  Status failed() const;

  int fd_ = -1;
  std::filesystem::path path_;
};

// An infrastructure error where it cannot be read. A time that was cut off is left out; no file is no times.
Result<std::vector<std::int64_t>> read_shot_log(const std::filesystem::path& path);

}  // namespace loopgate
