#include "base/digest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>

namespace loopgate {
namespace {

EVP_MD_CTX* of(const std::shared_ptr<void>& context) { return static_cast<EVP_MD_CTX*>(context.get()); }

// OpenSSL fails for want of memory alone: a digest of nothing would equal another one's.
void want(int done) {
  if (done != 1) throw std::bad_alloc();
}

struct OpenFile {
  explicit OpenFile(const std::filesystem::path& path) : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd >= 0) ::close(fd);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd;
};

bool is_sparse(int fd) {
  constexpr off_t block = 512;  // stat(2)
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_blocks * block < status.st_size;
}

void add_zeros(off_t size, Sha256* digest) {
  static constexpr std::array<char, 1 << 16> zeros{};
  for (; size > 0; size -= static_cast<off_t>(zeros.size()))
    digest->add(zeros.data(), std::min(zeros.size(), static_cast<std::size_t>(size)));
}

// From *at, where the file stands, to `end` or where it ends. False, with errno, where it cannot be read.
bool add_part(int fd, off_t* at, off_t end, Sha256* digest) {
  std::array<char, 1 << 16> chunk;
  while (*at < end) {
    const ssize_t got = ::read(fd, chunk.data(), std::min(chunk.size(), static_cast<std::size_t>(end - *at)));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    digest->add(chunk.data(), static_cast<std::size_t>(got));
    *at += got;
  }
  return true;
}

// Holes are zeros that are not read: of a saved machine's memory 170 of 512 MiB are written, and Linux would
// keep the rest in its page cache as well.
bool add_file(int fd, Sha256* digest) {
  off_t at = 0;
  if (!is_sparse(fd)) return add_part(fd, &at, std::numeric_limits<off_t>::max(), digest);
  for (off_t data = 0; (data = ::lseek(fd, at, SEEK_DATA)) >= 0;) {
    add_zeros(data - at, digest);
    at = data;
    const off_t hole = ::lseek(fd, data, SEEK_HOLE);
    if (hole == data) errno = EIO;
    if (hole <= data || ::lseek(fd, data, SEEK_SET) < 0 || !add_part(fd, &at, hole, digest)) return false;
  }
  const off_t end = errno == ENXIO ? ::lseek(fd, 0, SEEK_END) : -1;  // ENXIO: no data from here on
  add_zeros(end - at, digest);
  return end >= 0;
}

}  // namespace

Sha256::Sha256()
    : context_(EVP_MD_CTX_new(), [](void* context) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context)); }) {
  if (context_ == nullptr) throw std::bad_alloc();
  want(EVP_DigestInit_ex(of(context_), EVP_sha256(), nullptr));
}

void Sha256::add(const void* data, std::size_t size) { want(EVP_DigestUpdate(of(context_), data, size)); }

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  want(EVP_DigestFinal_ex(of(context_), digest.data(), &size));
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string sha256_of(std::string_view bytes) {
  Sha256 digest;
  digest.add(bytes.data(), bytes.size());
  return digest.hex();
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  const OpenFile file(path);
  Sha256 digest;
  if (file.fd < 0 || !add_file(file.fd, &digest))
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  return digest.hex();
}

}  // namespace loopgate
