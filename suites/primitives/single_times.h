// The times of single iterations, all of them, and the histogram of them that is left at the end.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/single_times.h"

namespace loopgate::primitives {

class SingleTimes {
 public:
  // Every page is there from now on, so that add() costs a store.
  explicit SingleTimes(std::int64_t iterations) : times_(static_cast<std::size_t>(iterations), -1) {}

  void add(std::int64_t ns) { times_[filled_++] = ns; }
  std::int64_t sum() const;

  // The times, and their bins: the caller adds whose they are.
  SingleTimesFile histogram() const;

 private:
  std::vector<std::int64_t> times_;
  std::size_t filled_ = 0;
};

// What CLOCK_MONOTONIC's steps are, rounded up: clock_getres(2) says 1 ns whatever they are.
std::int64_t clock_resolution_ns();

}  // namespace loopgate::primitives
