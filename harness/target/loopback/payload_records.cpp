#include "target/loopback/payload_records.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "protocol/records.h"

namespace loopgate {
namespace {

std::string failed(const std::string& path, const std::string& why) {
  return path + ": the payload's records " + why;
}

}  // namespace

std::string PayloadRecords::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed(path, std::string("can't be opened: ") + std::strerror(errno));
  struct stat about{};
  const bool large_enough =
      ::fstat(file, &about) == 0 && about.st_size >= static_cast<off_t>(sizeof(RecordsHeader));
  void* memory = large_enough
                     ? ::mmap(nullptr, sizeof(RecordsHeader), PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0)
                     : MAP_FAILED;
  const int error = errno;
  ::close(file);
  if (!large_enough) return failed(path, "are too short for a header");
  if (memory == MAP_FAILED) return failed(path, std::string("can't be mapped: ") + std::strerror(error));
  memory_ = memory;
  if (static_cast<const volatile RecordsHeader*>(memory_)->magic == records_magic) return {};
  return failed(path, "have no header: the payload did not begin them before it was ready");
}

PayloadRecords::~PayloadRecords() {
  if (memory_ != nullptr) ::munmap(memory_, sizeof(RecordsHeader));
}

std::uint64_t PayloadRecords::latest_frame() const {
  const std::uint64_t latest = static_cast<const volatile RecordsHeader*>(memory_)->latest_frame;
  std::atomic_thread_fence(std::memory_order_acquire);
  return latest;
}

}  // namespace loopgate
