#include "stats/sorted_latencies.h"

#include <algorithm>
#include <utility>

namespace loopgate {
namespace {

constexpr std::uint64_t step_bits = 7;
constexpr std::uint64_t more_follow = 1U << step_bits;

std::uint64_t step_between(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<std::uint64_t>(to_ns) - static_cast<std::uint64_t>(from_ns);
}

std::size_t size_of_step(std::uint64_t step) {
  std::size_t size = 1;
  for (; step >= more_follow; step >>= step_bits) ++size;
  return size;
}

}  // namespace

SortedLatencies::SortedLatencies(const std::vector<std::int64_t>& sorted_ns) : size_(sorted_ns.size()) {
  if (sorted_ns.empty()) return;
  last_ns_ = sorted_ns.back();
  std::size_t all = 0;
  for (std::size_t i = 1; i < sorted_ns.size(); ++i)
    if (i % block_size != 0) all += size_of_step(step_between(sorted_ns[i - 1], sorted_ns[i]));
  steps_.reserve(all);
  blocks_.reserve((sorted_ns.size() + block_size - 1) / block_size);
  for (std::size_t i = 0; i < sorted_ns.size(); ++i) {
    if (i % block_size == 0) {
      blocks_.push_back({sorted_ns[i], steps_.size()});
      continue;
    }
    std::uint64_t step = step_between(sorted_ns[i - 1], sorted_ns[i]);
    for (; step >= more_follow; step >>= step_bits)
      steps_.push_back(static_cast<std::uint8_t>(step | more_follow));
    steps_.push_back(static_cast<std::uint8_t>(step));
  }
}

std::int64_t SortedLatencies::Reader::next() {
  if (at_ % block_size == 0) {
    last_ns_ = of_->blocks_[at_++ / block_size].first_ns;
    return last_ns_;
  }
  std::uint64_t step = 0;
  std::uint64_t shift = 0;
  std::uint64_t byte = of_->steps_[byte_++];
  for (; byte >= more_follow; byte = of_->steps_[byte_++], shift += step_bits)
    step |= (byte - more_follow) << shift;
  step |= byte << shift;
  last_ns_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(last_ns_) + step);
  ++at_;
  return last_ns_;
}

std::uint64_t SortedLatencies::count_above(std::int64_t limit_ns) const {
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), limit_ns,
                       [](std::int64_t ns, const Block& block) { return ns < block.first_ns; });
  if (after == blocks_.begin()) return size_;
  const auto block = static_cast<std::size_t>(after - blocks_.begin()) - 1;
  const std::uint64_t end = std::min<std::uint64_t>(size_, (block + 1) * block_size);
  std::uint64_t not_above = block * block_size;
  for (Reader reader(*this, block); not_above < end && reader.next() <= limit_ns;) ++not_above;
  return size_ - not_above;
}

std::vector<std::int64_t> SortedLatencies::values() const {
  std::vector<std::int64_t> all;
  all.reserve(size_);
  for (Reader reader(*this); !reader.at_end();) all.push_back(reader.next());
  return all;
}

namespace {

constexpr auto is_later_head = [](const auto& a, const auto& b) { return a.ns > b.ns; };

}  // namespace

MergedLatencies::MergedLatencies(const std::vector<const SortedLatencies*>& parts) {
  for (const SortedLatencies* each : parts) {
    SortedLatencies::Reader reader(*each);
    if (reader.at_end()) continue;
    const std::int64_t first = reader.next();
    heads_.push_back({first, reader});
  }
  std::make_heap(heads_.begin(), heads_.end(), is_later_head);
}

// The smallest is replaced by its successor, which then sinks to its place.
std::int64_t MergedLatencies::next() {
  const std::int64_t least = heads_.front().ns;
  if (heads_.front().rest.at_end()) {
    std::pop_heap(heads_.begin(), heads_.end(), is_later_head);
    heads_.pop_back();
    return least;
  }
  heads_.front().ns = heads_.front().rest.next();
  for (std::size_t at = 0;;) {
    std::size_t below = 2 * at + 1;
    if (below >= heads_.size()) return least;
    if (below + 1 < heads_.size() && heads_[below + 1].ns < heads_[below].ns) ++below;
    if (heads_[at].ns <= heads_[below].ns) return least;
    std::swap(heads_[at], heads_[below]);
    at = below;
  }
}

}  // namespace loopgate
