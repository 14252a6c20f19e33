// The memory of a machine that boots: a file without a name, which Linux holds as it holds other memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

#include "base/result.h"

namespace loopgate {

class GuestMemory {
 public:
  // `size`: bytes. Nothing is taken of the host's memory before the guest writes it.
  static Result<GuestMemory> make(std::uint64_t size);

  GuestMemory(GuestMemory&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  GuestMemory& operator=(GuestMemory&&) = delete;
  ~GuestMemory();

  // Where another process of the same user opens it, as long as this object is there.
  std::filesystem::path path() const;

  // Copies it to a new file. Whatever was never written is a hole there, too.
  Status save(const std::filesystem::path& to) const;

 private:
  explicit GuestMemory(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace loopgate
