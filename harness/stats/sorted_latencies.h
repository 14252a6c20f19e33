// Latencies in ascending order, each as what it is more than the one before: of a run's tens of millions one
// or two bytes each. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loopgate {

class SortedLatencies {
 public:
  SortedLatencies() = default;
  explicit SortedLatencies(const std::vector<std::int64_t>& sorted_ns);

  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::int64_t front() const { return blocks_.front().first_ns; }  // of those that are not empty
  std::int64_t back() const { return last_ns_; }
  std::uint64_t count_above(std::int64_t limit_ns) const;
  std::vector<std::int64_t> values() const;
  // How many bytes they take.
  std::size_t bytes() const { return steps_.capacity() + blocks_.capacity() * sizeof(Block); }

  // One after another, of latencies that live longer.
  class Reader {
   public:
    explicit Reader(const SortedLatencies& of) : of_(&of) {}
    Reader(const SortedLatencies& of, std::size_t block)
        : of_(&of), at_(block * block_size), byte_(of.blocks_[block].begin) {}

    bool at_end() const { return at_ == of_->size_; }
    std::int64_t next();

   private:
    const SortedLatencies* of_;
    std::uint64_t at_ = 0;
    std::uint64_t byte_ = 0;
    std::int64_t last_ns_ = 0;
  };

 private:
  static constexpr std::size_t block_size = 128;

  // Read from its beginning, so that none has to be read from the first latency on.
  struct Block {
    std::int64_t first_ns = 0;
    std::uint64_t begin = 0;  // in `steps_`, of what the second is more than it
  };

  std::vector<Block> blocks_;
  std::vector<std::uint8_t>
      steps_;  // seven bits a byte, the low ones first; the eighth says that more follow
  std::uint64_t size_ = 0;
  std::int64_t last_ns_ = 0;
};

// Several of them as one, in ascending order.
class MergedLatencies {
 public:
  explicit MergedLatencies(const std::vector<const SortedLatencies*>& parts);

  bool at_end() const { return heads_.empty(); }
  std::int64_t next();

 private:
  struct Head {
    std::int64_t ns;
    SortedLatencies::Reader rest;
  };

  std::vector<Head> heads_;  // a heap, the smallest in front
};

}  // namespace loopgate
