#include "qemu/guest_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Of `from`, the bytes from `at` to `end`. False, with errno, where they cannot be copied.
bool copy_part(int from, int to, off_t at, off_t end) {
  if (::lseek(to, at, SEEK_SET) < 0) return false;
  while (at < end) {
    const ssize_t copied = ::sendfile(to, from, &at, static_cast<std::size_t>(end - at));
    if (copied < 0 && errno == EINTR) continue;
    if (copied == 0) errno = EIO;
    if (copied <= 0) return false;
  }
  return true;
}

bool copy(int from, int to) {
  off_t at = 0;
  while ((at = ::lseek(from, at, SEEK_DATA)) >= 0) {
    const off_t end = ::lseek(from, at, SEEK_HOLE);
    if (end < 0 || !copy_part(from, to, at, end)) return false;
    at = end;
  }
  if (errno != ENXIO) return false;  // ENXIO: no data from there on
  const off_t size = ::lseek(from, 0, SEEK_END);
  return size >= 0 && ::ftruncate(to, size) == 0;
}

}  // namespace

// No file of /dev/shm: a container has 64 MiB there, and a guest that writes beyond them ends QEMU by SIGBUS.
// No file on the disk: each first write to a page costs ext4 several microseconds, a boot a second.
Result<GuestMemory> GuestMemory::make(std::uint64_t size) {
  GuestMemory memory(::memfd_create("loopgate guest memory", MFD_CLOEXEC));
  if (memory.fd_ < 0 || ::ftruncate(memory.fd_, static_cast<off_t>(size)) != 0)
    return fail(ErrorKind::infrastructure,
                fmt::format("the guest's memory of {} bytes cannot be made: {}", size, std::strerror(errno)));
  return memory;
}

GuestMemory::~GuestMemory() {
  if (fd_ >= 0) ::close(fd_);
}

fs::path GuestMemory::path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), fd_); }

Status GuestMemory::save(const fs::path& to) const {
  const int file = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool done = file >= 0 && copy(fd_, file);
  int error = done ? 0 : errno;
  if (file >= 0 && ::close(file) != 0 && done) {
    done = false;
    error = errno;
  }
  if (done) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: the guest's memory cannot be saved: {}", to.string(), std::strerror(error)));
}

}  // namespace loopgate
