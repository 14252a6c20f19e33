#include "capture/samplerate.h"

#include <string>

namespace loopgate {
namespace {

constexpr std::uint64_t highest_hz = 1'000'000'000;

// The unit's power of ten; empty for an unknown unit.
std::optional<int> power_of(std::string_view unit) {
  if (unit.ends_with("Hz")) unit.remove_suffix(2);
  if (unit.empty()) return 0;
  if (unit == "k") return 3;
  if (unit == "M") return 6;
  if (unit == "G") return 9;
  return std::nullopt;
}

std::string_view take_digits(std::string_view* text) {
  const std::string_view digits = text->substr(0, text->find_first_not_of("0123456789"));
  text->remove_prefix(digits.size());
  return digits;
}

}  // namespace

std::optional<std::uint64_t> samplerate_of(std::string_view text) {
  std::string digits(take_digits(&text));
  if (digits.empty()) return std::nullopt;
  std::string fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(&text);
    if (fraction.empty()) return std::nullopt;
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto power = power_of(text);
  if (!power) return std::nullopt;
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (fraction.size() > static_cast<std::size_t>(*power)) return std::nullopt;
  fraction.resize(static_cast<std::size_t>(*power), '0');
  digits += fraction;
  std::uint64_t hz = 0;
  for (const char digit : digits) {
    hz = hz * 10 + static_cast<std::uint64_t>(digit - '0');
    if (hz > highest_hz) return std::nullopt;
  }
  return hz == 0 ? std::nullopt : std::optional(hz);
}

}  // namespace loopgate
