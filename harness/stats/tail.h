// What is known of a distribution of latencies, in whatever form an instrument gave it: single samples, a
// histogram, or bounds. Every answer is an interval that the truth lies in; of single samples it is a point.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace loopgate {

// From the least to the most that a number of stimuli can be.
struct CountRange {
  std::uint64_t least = 0;
  std::uint64_t most = 0;

  constexpr CountRange() = default;
  constexpr CountRange(std::uint64_t exactly) : least(exactly), most(exactly) {}  // a number is a range, too
  constexpr CountRange(std::uint64_t from, std::uint64_t to) : least(from), most(to) {}

  bool exact() const { return least == most; }
  bool operator==(const CountRange&) const = default;
  CountRange& operator+=(const CountRange& other) {
    least += other.least;
    most += other.most;
    return *this;
  }
};

// A latency from `low_ns` to `high_ns`, both included.
struct LatencyRange {
  std::int64_t low_ns = 0;
  std::optional<std::int64_t> high_ns;  // nothing: no upper end is known

  bool operator==(const LatencyRange&) const = default;
};

// "22.0 us" where it is known to the nanosecond; "22.0 to 23.0 us", "60.0 us or more".
std::string range_text(const LatencyRange& range);

class Tail {
 public:
  virtual ~Tail() = default;

  // How many stimuli have a latency, known to the nanosecond or to a bin.
  virtual std::uint64_t count() const = 0;
  // How many stimuli had no answer, or waited for one that had none: right-censored, above every limit.
  virtual CountRange censored() const = 0;
  // How many stimuli took longer, the censored included.
  virtual CountRange count_above(std::int64_t limit_ns) const = 0;
  // The smallest and the largest latency; `count` above 0.
  virtual LatencyRange min() const = 0;
  virtual LatencyRange max() const = 0;
  // Whether every answer is a point.
  virtual bool exact() const = 0;
  // Of those above the limit that have a latency, how many were not sent.
  virtual std::uint64_t not_sent_above(std::int64_t /*limit_ns*/) const { return 0; }
  // Where latencies beyond a histogram's last bin leave it open how many took longer: the end of that bin.
  virtual std::optional<std::int64_t> open_beyond(std::int64_t /*limit_ns*/) const { return std::nullopt; }

  CountRange total() const;
  // Nearest rank among all stimuli: the smallest latency that at least the share does not exceed. Follows
  // from count_above() alone. Without an upper end where the rank may fall on a censored stimulus; total
  // above 0.
  LatencyRange quantile(std::uint32_t per_million) const;

 protected:
  Tail() = default;
  Tail(const Tail&) = default;
  Tail& operator=(const Tail&) = default;
};

// Several tails as one, such as the replicates of a kernel under a load. They are not copied.
class PooledTail : public Tail {
 public:
  explicit PooledTail(std::vector<std::shared_ptr<const Tail>> parts) : parts_(std::move(parts)) {}

  std::uint64_t count() const override;
  CountRange censored() const override;
  CountRange count_above(std::int64_t limit_ns) const override;
  LatencyRange min() const override;
  LatencyRange max() const override;
  bool exact() const override;
  std::uint64_t not_sent_above(std::int64_t limit_ns) const override;
  std::optional<std::int64_t> open_beyond(std::int64_t limit_ns) const override;  // the lowest of its parts

 private:
  std::vector<std::shared_ptr<const Tail>> parts_;
};

// The rank (from 1) of a quantile among `count` sorted samples: ceil(count x share), in whole numbers, since
// ceil(0.999 * 1000) is not 999 on every path. `count` above 0, below 2^44.
constexpr std::uint64_t nearest_rank(std::uint64_t count, std::uint32_t per_million) {
  const std::uint64_t rank = (count * per_million + 999'999) / 1'000'000;
  return rank == 0 ? 1 : rank;
}

}  // namespace loopgate
