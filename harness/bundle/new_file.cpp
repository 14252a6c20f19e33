#include "bundle/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Nothing is written over, not even what came while this was written. A file system that cannot promise that
// (NFS) is asked first.
bool rename_to_new(const char* from, const char* to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  struct stat there{};
  if (lstat(to, &there) == 0) {
    errno = EEXIST;
    return false;
  }
  return rename(from, to) == 0;
}

}  // namespace

NewFile::NewFile(fs::path path, std::string part, int fd)
    : path_(std::move(path)), part_(std::move(part)), fd_(fd) {}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)), part_(std::move(other.part_)), fd_(std::exchange(other.fd_, -1)) {}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(part_.c_str());
}

Result<NewFile> NewFile::create(const fs::path& path) {
  // Of a name that no other writer of the same file has.
  std::string part = path.string() + ".part-XXXXXX";
  const int fd = mkostemp(part.data(), O_CLOEXEC);
  if (fd >= 0) {
    NewFile file(path, std::move(part), fd);
    if (fchmod(fd, 0644) == 0) return file;
  }
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
  if (!rename_to_new(part_.c_str(), path_.c_str())) return failed("named");
  close(std::exchange(fd_, -1));
  return {};
}

}  // namespace loopgate
