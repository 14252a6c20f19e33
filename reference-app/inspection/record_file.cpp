#include "inspection/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace loopgate::inspection {

static_assert(std::endian::native == std::endian::little, "the layout is little-endian");

namespace {

using Words = std::array<std::uint64_t, 8>;

// Orders earlier stores before later ones, as seen by other processors and by devices. A C++ fence orders for
// processors only, and x86 delays write-combined stores.
void barrier() {
#if defined(__aarch64__) || defined(__arm__)
  asm volatile("dmb oshst" : : : "memory");
#elif defined(__x86_64__)
  asm volatile("sfence" : : : "memory");
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

std::string why_not(const struct stat& about, std::uint64_t offset, std::uint64_t size) {
  if (offset % sizeof(FrameRecord) != 0)
    return "the offset " + std::to_string(offset) + " is not a multiple of 64";
  if (size < sizeof(RecordsHeader) + sizeof(FrameRecord))
    return std::to_string(size) + " bytes are too few for a header and a record (128)";
  const bool has_size = S_ISREG(about.st_mode);  // true for a device's file in sysfs, false in /dev
  const auto there = static_cast<std::uint64_t>(about.st_size);
  if (has_size && (offset > there || size > there - offset))
    return std::to_string(size) + " bytes at " + std::to_string(offset) + " exceed its size of " +
           std::to_string(there);
  return {};
}

}  // namespace

Result<RecordFile> RecordFile::open(const std::filesystem::path& file, std::uint64_t offset,
                                    std::uint64_t size) {
  const std::string name = "records file " + file.string() + ": ";
  const auto refuse = [&name](const std::string& why) { return fail(target::exit_usage, name + why); };
  const Descriptor descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  struct stat about{};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &about) != 0) return refuse(std::strerror(errno));
  if (const std::string why = why_not(about, offset, size); !why.empty()) return refuse(why);
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t begin = offset % page;
  const auto length = static_cast<std::size_t>(begin + size);
  Mapping mapping(::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor.get(),
                         static_cast<off_t>(offset - begin)),
                  length);
  if (!mapping.is_there()) return refuse(std::string("cannot be mapped: ") + std::strerror(errno));
  return RecordFile(std::move(mapping), static_cast<std::size_t>(begin), size);
}

// Clearing also takes the write faults of the file's pages, which would otherwise occur in the loop. memset()
// is not used, because it may use instructions that fail on a device's memory (arm64's DC ZVA).
RecordFile::RecordFile(Mapping mapping, std::size_t begin, std::uint64_t size)
    : mapping_(std::move(mapping)),
      begin_(begin),
      capacity_((size - sizeof(RecordsHeader)) / sizeof(FrameRecord)) {
  *word(offsetof(RecordsHeader, magic)) = 0;
  barrier();
  const std::uint64_t end = sizeof(RecordsHeader) + capacity_ * sizeof(FrameRecord);
  for (std::uint64_t byte = sizeof(std::uint64_t); byte < end; byte += sizeof(std::uint64_t)) *word(byte) = 0;
}

volatile std::uint64_t* RecordFile::word(std::uint64_t byte) const {
  return reinterpret_cast<volatile std::uint64_t*>(mapping_.bytes() + begin_ + byte);
}

volatile std::uint64_t* RecordFile::record_word(std::uint64_t index, std::size_t byte) const {
  return word(sizeof(RecordsHeader) + index * sizeof(FrameRecord) + byte);
}

bool RecordFile::begin(const ClockPair& clocks) {
  const RecordsHeader header{0, records_version,     sizeof(FrameRecord), capacity_,        0,
                             0, clocks.monotonic_ns, clocks.counter,      clocks.counter_hz};
  const Words words = std::bit_cast<Words>(header);
  for (std::size_t i = 1; i < words.size(); ++i) *word(i * sizeof(std::uint64_t)) = words[i];
  barrier();
  *word(0) = records_magic;
  barrier();
  if (*word(0) != records_magic) return false;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (*word(i * sizeof(std::uint64_t)) != words[i]) return false;
  return true;
}

void RecordFile::decided(const FrameRecord& record) {
  stored_ = written_ < capacity_;
  if (!stored_) ++not_stored_;
  if (stored_) {
    Words words = std::bit_cast<Words>(record);
    words[offsetof(FrameRecord, done_ns) / sizeof(std::uint64_t)] = 0;
    for (std::size_t i = 0; i < words.size(); ++i)
      *record_word(written_, i * sizeof(std::uint64_t)) = words[i];
    barrier();
  }
  *word(offsetof(RecordsHeader, latest_frame)) = record.frame;
  barrier();
}

void RecordFile::done(std::int64_t done_ns) {
  if (!stored_) return;
  *record_word(written_, offsetof(FrameRecord, done_ns)) = static_cast<std::uint64_t>(done_ns);
  barrier();
  ++written_;
  *word(offsetof(RecordsHeader, written)) = written_;
  barrier();
}

}  // namespace loopgate::inspection
