#include "bundle/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

fs::path part_of(const fs::path& path) { return path.string() + ".part"; }

}  // namespace

NewFile::NewFile(fs::path path, int fd) : path_(std::move(path)), part_(part_of(path_)), fd_(fd) {}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)), part_(std::move(other.part_)), fd_(std::exchange(other.fd_, -1)) {}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(part_.c_str());
}

Result<NewFile> NewFile::create(const fs::path& path) {
  const int fd = open(part_of(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd >= 0) return NewFile(path, fd);
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: cannot be made: {}", path.string(), std::strerror(errno)),
              "make room on the disk, or name a file on another");
}

Status NewFile::failed(const char* what) const {
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: cannot be {}: {}", path_.string(), what, std::strerror(errno)),
              "make room on the disk, or name a file on another");
}

Status NewFile::write(std::string_view bytes) {
  if (!write_all(fd_, bytes)) return failed("written");
  return {};
}

Status NewFile::finish() {
  if (fsync(fd_) != 0) return failed("synced");
  return close_unsynced();
}

Status NewFile::close_unsynced() {
  if (rename(part_.c_str(), path_.c_str()) != 0) return failed("named");
  close(std::exchange(fd_, -1));
  return {};
}

}  // namespace loopgate
