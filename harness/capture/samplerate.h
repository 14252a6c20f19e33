// Sample rates in sigrok's notation.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace loopgate {

// "1 MHz", "333.333 kHz", "44100", "24M": in Hz. Empty unless it is a whole number of Hz from 1 Hz to 1 GHz:
// times in files are whole nanoseconds.
std::optional<std::uint64_t> samplerate_of(std::string_view text);

// The time of a sample in ns after the first one, rounded down.
constexpr std::int64_t time_of_sample(std::uint64_t sample, std::uint64_t samplerate_hz) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::int64_t>(Wide{sample} * 1'000'000'000U / samplerate_hz);
}

// The limit of a capture's samples, which keeps every time within 63 bits.
inline constexpr std::uint64_t most_samples = std::uint64_t{1}
                                              << 33U;  // 272 years at 1 Hz, which is below 2^63 ns

}  // namespace loopgate
