// Numbers that follow from a seed alone, in integers, so that they are the same on every host: SplitMix64
// (base/split_mix.h) as a sequence. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <utility>
#include <vector>

#include "base/split_mix.h"

namespace loopgate {

class RandomDraws {
 public:
  explicit RandomDraws(std::uint64_t seed) : state_(split_mix(seed)) {}
  // One sequence for each list of numbers, whoever is drawn before.
  RandomDraws(std::uint64_t seed, std::initializer_list<std::uint64_t> which) : state_(split_mix(seed)) {
    for (const std::uint64_t each : which) state_ = split_mix(state_ + each);
  }

  std::uint64_t next() {
    const std::uint64_t number = split_mix(state_);
    state_ += 0x9e3779b97f4a7c15ULL;
    return number;
  }

  // From 0 to below `end`, which is above 0. The high half of a product: biased by less than end / 2^64.
  std::uint64_t below(std::uint64_t end) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * end) >> 64U);
  }

  // `count` different numbers below `end`, in random order; count at most end.
  std::vector<std::size_t> choose(std::size_t count, std::size_t end) {
    std::vector<std::size_t> all(end);
    std::iota(all.begin(), all.end(), std::size_t{0});
    for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + below(end - i)]);
    all.resize(count);
    return all;
  }

  template <class T>
  void shuffle(std::vector<T>* items) {
    for (std::size_t left = items->size(); left > 1; --left)
      std::swap((*items)[left - 1], (*items)[below(left)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace loopgate
