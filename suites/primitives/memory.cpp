// What memory costs that is not there yet.
#include <sys/mman.h>
#include <unistd.h>

#include "primitive.h"

namespace loopgate::primitives {
namespace {

void* mapped(std::size_t bytes) {
  return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

// The first write to a page of anonymous memory, in pages of the smallest size.
class PageFault : public Primitive {
 public:
  explicit PageFault(const Settings&) : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {}
  void begin_pass(std::int64_t iterations) {
    size_ = static_cast<std::size_t>(iterations) * page_;
    void* memory = mapped(size_);
    must(memory != MAP_FAILED, "mmap");
    ::madvise(memory, size_, MADV_NOHUGEPAGE);  // fails where the kernel has none
    next_ = memory_ = static_cast<volatile char*>(memory);
  }
  void iterate() {
    *next_ = 1;
    next_ += page_;
  }
  void end_pass() { ::munmap(const_cast<char*>(memory_), size_); }

 private:
  std::size_t page_, size_ = 0;
  volatile char* memory_ = nullptr;
  volatile char* next_ = nullptr;
};

class Map : public Primitive {
 public:
  explicit Map(const Settings&) {}
  void iterate() {
    constexpr std::size_t bytes = 65'536;
    void* memory = mapped(bytes);
    must(memory != MAP_FAILED, "mmap");
    ::munmap(memory, bytes);
  }
};

}  // namespace

std::vector<Entry> memory() {
  return {entry<PageFault>("page-fault", "the first write to a page", {.locks_memory = false}),
          entry<Map>("mmap", "64 kB are mapped and unmapped again, untouched", {.locks_memory = false})};
}

}  // namespace loopgate::primitives
