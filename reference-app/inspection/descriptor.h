// Owners of a file descriptor and of a mapping. The application uses harness/protocol and the target's
// headers only, so that it stands for a customer's program: it has its own Descriptor, Result, read_file and
// SHA-256.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <utility>

namespace loopgate::inspection {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  bool is_open() const { return number_ >= 0; }
  int get() const { return number_; }

 private:
  int number_ = -1;
};

class Mapping {
 public:
  Mapping() = default;
  // Takes the result of mmap().
  Mapping(void* place, std::size_t size) : place_(place), size_(size) {}
  Mapping(Mapping&& other) noexcept : place_(std::exchange(other.place_, MAP_FAILED)), size_(other.size_) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(place_, other.place_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Mapping() {
    if (is_there()) ::munmap(place_, size_);
  }

  bool is_there() const { return place_ != MAP_FAILED; }
  unsigned char* bytes() const { return static_cast<unsigned char*>(place_); }
  std::size_t size() const { return size_; }

 private:
  void* place_ = MAP_FAILED;
  std::size_t size_ = 0;
};

}  // namespace loopgate::inspection
