// Stretches of time on one CPU, and how much of any other stretch they take.
#pragma once

#include <cstdint>
#include <vector>

namespace loopgate {

struct Interval {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;  // behind it
  std::int64_t length_ns() const { return end_ns - begin_ns; }
  bool operator==(const Interval&) const = default;
};

class Intervals {
 public:
  Intervals() = default;
  // In any order. Those that overlap become one; those that only touch stay two.
  explicit Intervals(std::vector<Interval> all);

  const std::vector<Interval>& all() const { return all_; }
  // Null where none has the moment in it.
  const Interval* at(std::int64_t moment_ns) const;
  // How much of [begin, end) they take.
  std::int64_t within(std::int64_t begin_ns, std::int64_t end_ns) const;
  // The most that they take of any stretch of that length. (Bristot de Oliveira and others, ECRTS 2020, 5.2:
  // the sliding window.)
  std::int64_t most_within(std::int64_t length_ns) const;

 private:
  std::int64_t before(std::int64_t moment_ns) const;

  std::vector<Interval> all_;         // by their begins
  std::vector<std::int64_t> sum_ns_;  // of those before each
};

Intervals united(const Intervals& one, const Intervals& other);
// What is in one and not in the other.
Intervals without(const Intervals& one, const Intervals& other);

}  // namespace loopgate
