#include "protocol/shot_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/cannot_write.h"
#include "base/file.h"

namespace loopgate {

ShotLog::ShotLog(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}

ShotLog::ShotLog(ShotLog&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

ShotLog::~ShotLog() {
  if (fd_ >= 0) ::close(fd_);
}

Status ShotLog::failed() const { return cannot_write(path_, errno); }

Result<ShotLog> ShotLog::create(const std::filesystem::path& path) {
  ShotLog log(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);
  if (log.fd_ < 0) return tl::unexpected(log.failed().error());
  return log;
}

Status ShotLog::add(std::int64_t due_ns) {
  return ::write(fd_, &due_ns, sizeof(due_ns)) == ssize_t{sizeof(due_ns)} ? Status() : failed();
}

Result<std::vector<std::int64_t>> read_shot_log(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::vector<std::int64_t>();
  TRY(bytes, read_file(path));
  std::vector<std::int64_t> shots(bytes.size() / sizeof(std::int64_t));
  if (!shots.empty()) std::memcpy(shots.data(), bytes.data(), shots.size() * sizeof(std::int64_t));
  return shots;
}

}  // namespace loopgate
