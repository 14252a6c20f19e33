// Where a payload leaves its stamps: a file of fixed size that is mapped, and there before the loop begins,
// so that a stamp costs two stores and no system call. For any payload:
//
//   StampBook stamps;                                             // takes stamps only once it is open
//   if (std::string refused = stamps.open(path, 100'000); !refused.empty()) ...
//   ...
//   const std::int64_t woke_ns = stamps.now_ns();                 // the edge is read
//   set the pin;
//   stamps.add(line_seqno, edge_timestamp_ns, woke_ns);           // reads the clock once more
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "protocol/clock_pair.h"
#include "protocol/stamps.h"

namespace loopgate::target {

class StampBook {
 public:
  StampBook() = default;
  ~StampBook() {
    if (header_ != nullptr) ::munmap(header_, size_of(header_->capacity));
  }
  StampBook(const StampBook&) = delete;
  StampBook& operator=(const StampBook&) = delete;

  // Replaces what was there. Empty, or one sentence on what was refused.
  std::string open(const std::string& path, std::uint64_t records) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    // Room that is reserved fails here, and not as a bus error in the loop.
    int error = file < 0 ? errno : ::posix_fallocate(file, 0, static_cast<off_t>(size_of(records)));
    void* mapped = error != 0 ? MAP_FAILED
                              : ::mmap(nullptr, size_of(records), PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_POPULATE, file, 0);
    if (error == 0 && mapped == MAP_FAILED) error = errno;
    if (file >= 0) ::close(file);
    if (error != 0)
      return path + ": no room for " + std::to_string(records) + " stamps: " + std::strerror(error);
    std::memset(mapped, 0, size_of(records));  // each page is written once, so that none faults later
    header_ = static_cast<StampsHeader*>(mapped);
    stamps_ = reinterpret_cast<Stamp*>(header_ + 1);
    const ClockPair clocks = read_clock_pair();
    *header_ = {0,
                stamps_version,
                sizeof(Stamp),
                records,
                0,
                static_cast<std::uint32_t>(StampsOf::payload),
                0,
                clocks.monotonic_ns,
                clocks.counter,
                clocks.counter_hz};
    std::atomic_thread_fence(std::memory_order_release);
    header_->magic = stamps_magic;
    return {};
  }

  // 0 where nobody asked for stamps: the clock is not read then.
  std::int64_t now_ns() const { return header_ == nullptr ? 0 : loopgate::now_ns(); }

  // Beyond the room nothing is stored.
  void add(std::uint64_t number, std::int64_t edge_ns, std::int64_t woke_ns) {
    if (header_ == nullptr) return;
    const std::int64_t done_ns = loopgate::now_ns();
    const std::uint64_t at = header_->written;
    if (at == header_->capacity) return;
    stamps_[at] = {number, edge_ns, woke_ns, done_ns};
    std::atomic_thread_fence(std::memory_order_release);
    header_->written = at + 1;
  }

 private:
  static std::size_t size_of(std::uint64_t records) {
    return sizeof(StampsHeader) + static_cast<std::size_t>(records) * sizeof(Stamp);
  }

  StampsHeader* header_ = nullptr;
  Stamp* stamps_ = nullptr;
};

}  // namespace loopgate::target
