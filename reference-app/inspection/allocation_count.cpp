// Replaces the C library's malloc for the program and all of its libraries, operator new included, and calls
// the C library through its alternative names.
#include "inspection/allocation_count.h"

#include <cerrno>
#include <cstddef>

namespace {

// Mutable and global, since malloc() has no object; only in builds that count.
thread_local std::uint64_t count = 0;

}  // namespace

namespace loopgate::inspection {

std::optional<std::uint64_t> allocations_so_far() { return count; }

}  // namespace loopgate::inspection

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t number, std::size_t size);
void* __libc_realloc(void* place, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* place);

void* malloc(std::size_t size) {
  ++count;
  return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
  ++count;
  return __libc_calloc(number, size);
}

void* realloc(void* place, std::size_t size) {
  ++count;
  return __libc_realloc(place, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  ++count;
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

int posix_memalign(void** place, std::size_t alignment, std::size_t size) {
  *place = memalign(alignment, size);
  return *place == nullptr ? ENOMEM : 0;
}

void free(void* place) { __libc_free(place); }
}
