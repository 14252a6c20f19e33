#include "qemu/shared_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/digest.h"
#include "base/file.h"
#include "record/frames_file.h"

namespace loopgate {

Status SharedMemory::make(const std::filesystem::path& path, const ChannelLayout& layout) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int error = fd < 0 ? errno : ::posix_fallocate(fd, 0, static_cast<off_t>(layout.size));
  if (fd >= 0) ::close(fd);
  if (error != 0)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: no room for the shared memory: {}", path.string(), std::strerror(error)));
  return {};
}

Result<SharedMemory> SharedMemory::open(const std::filesystem::path& path, const ChannelLayout& layout) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  void* mapped =
      fd < 0 ? MAP_FAILED : ::mmap(nullptr, layout.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (mapped == MAP_FAILED)
    return fail(ErrorKind::infrastructure, fmt::format("{}: the shared memory cannot be mapped: {}",
                                                       path.string(), std::strerror(error)));
  return SharedMemory(static_cast<std::byte*>(mapped), layout);
}

SharedMemory::~SharedMemory() {
  if (memory_ != nullptr) ::munmap(memory_, layout_.size);
}

void SharedMemory::write_job(const std::string& job) {
  std::memcpy(memory_ + job_offset, job.data(), job.size());
  ChannelHeader* header = this->header();
  header->magic = channel_magic;
  header->version = channel_version;
  header->job_size = static_cast<std::uint32_t>(job.size());
}

Status SharedMemory::write_file(const PayloadFile& file) {
  auto bytes = read_file(file.file);
  if (!bytes) return tl::unexpected(bytes.error());
  if (sha256_of(*bytes) != file.sha256)
    return fail(ErrorKind::infrastructure,
                fmt::format("{} was changed while the run went on", file.file.string()));
  std::memcpy(memory_ + layout_.files_offset + file.offset, bytes->data(), bytes->size());
  return {};
}

std::string SharedMemory::records() const {
  return std::string(
      written_records({reinterpret_cast<const char*>(memory_ + records_offset), records_size}));
}

KernelSymbols SharedMemory::symbols() const {
  SymbolsHeader sizes{};
  std::memcpy(&sizes, memory_ + report_offset, sizeof(sizes));
  if (sizes.functions_size > symbols_size_max || sizes.types_size > symbols_size_max ||
      sizeof(sizes) + sizes.functions_size + sizes.types_size > symbols_size_max)
    return {};
  const char* functions = reinterpret_cast<const char*>(memory_ + report_offset + sizeof(sizes));
  return {{functions, sizes.functions_size}, {functions + sizes.functions_size, sizes.types_size}};
}

std::string SharedMemory::report() const {
  const std::size_t size = header()->report_size;
  if (size > report_size_max) return {};
  return {reinterpret_cast<const char*>(memory_ + report_offset), size};
}

}  // namespace loopgate
