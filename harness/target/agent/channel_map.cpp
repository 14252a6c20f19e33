#include "target/agent/channel_map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "target/agent/descriptor.h"
#include "target/agent/text_file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

#if defined(__arm__)
// Linux offers no write-combining there. QEMU faults no unaligned access to it under page tables of 32-bit
// descriptors, which Debian's armmp kernels have; under LPAE's it would.
constexpr const char* channel_file = "resource2";
#else
// Write-combining, and never plain `resource2`: that is Device memory on arm64, where memcpy's unaligned
// accesses fault.
constexpr const char* channel_file = "resource2_wc";
#endif

// Aligned loads and stores of a word: the other side's accesses are whole ones as well.
template <class Word>
Word load(Word& word) {
  return std::atomic_ref<Word>(word).load(std::memory_order_acquire);
}

void store(std::uint32_t& word, std::uint32_t value) {
  std::atomic_ref<std::uint32_t>(word).store(value, std::memory_order_release);
}

bool holds(const fs::path& file, std::uint16_t wanted) {
  const auto text = read_text(file.string());
  if (!text || !text->starts_with("0x")) return false;
  const std::string_view digits = without_end(std::string_view(*text).substr(2));
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return error == std::errc() && end == digits.data() + digits.size() && value == wanted;
}

}  // namespace

Result<ChannelMap> ChannelMap::open(const std::string& devices) {
  std::error_code error;
  for (const fs::directory_entry& device : fs::directory_iterator(devices, error)) {
    if (!holds(device.path() / "vendor", ivshmem_vendor) || !holds(device.path() / "device", ivshmem_device))
      continue;
    // No driver is bound, so nobody else lets the device answer to memory accesses.
    if (auto enabled = write_text((device.path() / "enable").string(), "1"); !enabled)
      return tl::unexpected(enabled.error());
    return map((device.path() / channel_file).string());
  }
  return fail(ErrorKind::infrastructure, devices + ": the shared-memory device (1af4:1110) is not there");
}

Result<ChannelMap> ChannelMap::map(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.valid())
    return fail(ErrorKind::infrastructure, path + ": cannot be opened: " + std::strerror(errno));
  struct stat about{};
  if (::fstat(file.get(), &about) != 0)
    return fail(ErrorKind::infrastructure, path + ": has no size: " + std::strerror(errno));
  const ChannelLayout& layout =
      static_cast<std::size_t>(about.st_size) < large_channel.size ? small_channel : large_channel;
  void* memory = ::mmap(nullptr, layout.size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED)
    return fail(ErrorKind::infrastructure, path + ": cannot be mapped: " + std::strerror(errno));
  return ChannelMap(static_cast<char*>(memory), layout, path);
}

ChannelMap::~ChannelMap() {
  if (memory_ != nullptr) ::munmap(memory_, layout_.size);
}

ChannelMap::ChannelMap(ChannelMap&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), layout_(other.layout_), path_(std::move(other.path_)) {}

ChannelHeader* ChannelMap::header() const { return reinterpret_cast<ChannelHeader*>(memory_); }

Result<std::string> ChannelMap::read_job() const {
  if (load(header()->magic) != channel_magic)
    return fail(ErrorKind::infrastructure, "the shared memory holds no job: its magic number is wrong");
  if (const std::uint32_t version = load(header()->version); version != channel_version)
    return fail(ErrorKind::infrastructure,
                "the shared memory is of version " + std::to_string(version) + ", and this agent knows " +
                    std::to_string(channel_version),
                "rebuild the target image");
  const std::uint32_t size = load(header()->job_size);
  if (size == 0 || size > job_size_max)
    return fail(ErrorKind::infrastructure,
                "the shared memory holds a job of " + std::to_string(size) + " bytes");
  return std::string(memory_ + job_offset, size);
}

Status ChannelMap::unpack(const std::vector<FileSpec>& files) const {
  std::error_code ignored;
  fs::create_directories(target_folder, ignored);
  fs::remove(target_channel, ignored);
  fs::create_symlink(fs::absolute(path_), target_channel, ignored);
  for (const FileSpec& file : files) {
    if (file.offset + file.size > layout_.files_size_max)
      return fail(ErrorKind::infrastructure, file.path + " reaches beyond the shared memory's " +
                                                 std::to_string(layout_.files_size_max) + " bytes for files");
    std::ofstream out(file.path, std::ios::binary | std::ios::trunc);
    out.write(memory_ + layout_.files_offset + file.offset, static_cast<std::streamsize>(file.size));
    out.close();
    if (!out) return fail(ErrorKind::infrastructure, file.path + ": cannot be written on the target");
  }
  return {};
}

Status ChannelMap::write_report(std::string_view report) {
  if (report.size() > report_size_max)
    return fail(ErrorKind::infrastructure,
                "the report of " + std::to_string(report.size()) + " bytes does not fit");
  std::memcpy(memory_ + report_offset, report.data(), report.size());
  store(header()->report_size, static_cast<std::uint32_t>(report.size()));
  return {};
}

Status ChannelMap::write_symbols(std::string_view functions, std::string_view types) {
  const SymbolsHeader sizes{functions.size(), types.size()};
  if (sizeof(sizes) + functions.size() + types.size() > symbols_size_max)
    return fail(ErrorKind::infrastructure, "the kernel's symbols (" + std::to_string(functions.size()) +
                                               " bytes) and types (" + std::to_string(types.size()) +
                                               " bytes) do not fit into the shared memory");
  char* place = memory_ + report_offset;
  std::memcpy(place, &sizes, sizeof(sizes));
  std::memcpy(place + sizeof(sizes), functions.data(), functions.size());
  std::memcpy(place + sizeof(sizes) + functions.size(), types.data(), types.size());
  return {};
}

void ChannelMap::set_state(AgentState state) {
  store(header()->agent_state, static_cast<std::uint32_t>(state));
}

}  // namespace loopgate
