#include "target/agent/perturbation.h"

#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/split_mix.h"
#include "target/agent/descriptor.h"

namespace loopgate {
namespace {

constexpr const char* random_device = "/dev/urandom";

tl::unexpected<Error> failed(const std::string& what) {
  return fail(ErrorKind::infrastructure, what + ": " + std::strerror(errno));
}

// As <linux/random.h> has it, whose last member has no size.
struct Entropy {
  int bits;
  int bytes;
  std::array<std::uint64_t, 4> words;
};

}  // namespace

Status mix_into_random_numbers(std::uint64_t seed) {
  const Descriptor device(::open(random_device, O_RDWR | O_CLOEXEC));
  if (!device.valid()) return failed(random_device);
  Entropy entropy{};
  entropy.bits = 8 * sizeof entropy.words;
  entropy.bytes = sizeof entropy.words;
  for (std::uint64_t& word : entropy.words) word = seed = split_mix(seed);
  if (::ioctl(device.get(), RNDADDENTROPY, &entropy) != 0) return failed("RNDADDENTROPY");
  if (::ioctl(device.get(), RNDRESEEDCRNG) != 0) return failed("RNDRESEEDCRNG");
  return {};
}

Result<HeldMemory> HeldMemory::take(std::size_t pages) {
  if (pages == 0) return HeldMemory();
  const std::size_t size = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* begin = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) return failed("mmap");
  HeldMemory memory(begin, size);
  // A kernel without huge pages refuses the advice, and needs none.
  ::madvise(begin, size, MADV_NOHUGEPAGE);
  std::memset(begin, 1, size);
  return memory;
}

HeldMemory::~HeldMemory() {
  if (begin_ != nullptr) ::munmap(begin_, size_);
}

HeldMemory::HeldMemory(HeldMemory&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}

HeldMemory& HeldMemory::operator=(HeldMemory&& other) noexcept {
  std::swap(begin_, other.begin_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace loopgate
