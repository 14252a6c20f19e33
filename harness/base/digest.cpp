#include "base/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>

namespace loopgate {
namespace {

EVP_MD_CTX* of(const std::shared_ptr<void>& context) { return static_cast<EVP_MD_CTX*>(context.get()); }

// OpenSSL fails for want of memory alone: a digest of nothing would equal another one's.
void want(int done) {
  if (done != 1) throw std::bad_alloc();
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
  std::ifstream file(path, std::ios::binary);
  Sha256 digest;
  std::array<char, 1 << 16> chunk{};
  while (file.read(chunk.data(), chunk.size()) || file.gcount() > 0)
    digest.add(chunk.data(), static_cast<std::size_t>(file.gcount()));
  if (!file.eof())
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  return digest.hex();
}

}  // namespace loopgate
