// Which part a frame shows, and whether it is good: the program that decides and the instrument that judges
// it both include this; neither asks the other.
//
// Of the synthetic camera both are a function of the seed alone. It paints a bank of different parts before
// the loop, and part number n (from 0) is one of the bank.
#pragma once

#include <cstdint>

#include "base/split_mix.h"

namespace loopgate {

inline constexpr unsigned bank_size = 128;

// Independent draws from one seed; `purpose` keeps those of the same number apart.
constexpr std::uint64_t draw(std::uint64_t seed, std::uint64_t purpose, std::uint64_t number) {
  return split_mix(split_mix(split_mix(seed) ^ purpose) + number);
}

constexpr unsigned bank_entry(std::uint64_t seed, std::uint64_t part) {
  return static_cast<unsigned>(draw(seed, 1, part) % bank_size);
}

// About half of the bank is good.
constexpr bool entry_is_good(std::uint64_t seed, unsigned entry) {
  return (draw(seed, 2, entry) >> 63U) != 0;
}

// What paint_part() paints this entry from.
constexpr std::uint64_t entry_seed(std::uint64_t seed, unsigned entry) { return draw(seed, 3, entry); }

constexpr bool part_is_good(std::uint64_t seed, std::uint64_t part) {
  return entry_is_good(seed, bank_entry(seed, part));
}

// Of pictures, in PulseSettings::truth.
inline constexpr char truth_ok = '+', truth_ng = '-', truth_unknown = '?';

// Pictures are shown in their order, over and over. The seed says with which of the `count` it begins, since
// every replicate has another, and few are long enough for all.
constexpr std::uint64_t picture_shown(std::uint64_t seed, std::uint64_t part, std::uint64_t count) {
  return ((seed - 1) % count + part % count) % count;
}

}  // namespace loopgate
