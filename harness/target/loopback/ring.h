// From the thread that measures to the one that writes: a ring of fixed size, one writer, one reader, no
// lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace loopgate {

template <class T, std::size_t size>
class Ring {
  static_assert((size & (size - 1)) == 0, "a power of two, so that the counters may wrap");

 public:
  // False when it is full: nothing is overwritten.
  bool push(const T& item) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == size) return false;
    items_[head % size] = item;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // False when it is empty.
  bool pop(T* item) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (head_.load(std::memory_order_acquire) == tail) return false;
    *item = items_[tail % size];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

 private:
  // Each counter on a cache line of its own: the two threads write one each.
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
  alignas(64) std::array<T, size> items_{};
};

}  // namespace loopgate
