#include "base/units.h"

#include <fmt/format.h>

#include "base/text.h"

namespace loopgate {

std::string us_text(std::int64_t ns) {
  const double us = static_cast<double>(ns) / 1e3;
  if (ns >= 1'000'000) return with_thousands(static_cast<std::uint64_t>((ns + 500) / 1'000)) + " us";
  if (ns >= 10'000) return fmt::format("{:.1f} us", us);
  if (ns >= 1'000) return fmt::format("{:.2f} us", us);
  return fmt::format("{:.3f} us", us);
}

std::string duration_text(std::int64_t ns) {
  if (ns < 1'000) return fmt::format("{} ns", ns);
  if (ns < 1'000'000) return fmt::format("{:.4g} us", static_cast<double>(ns) / 1e3);
  return fmt::format("{:.4g} ms", static_cast<double>(ns) / 1e6);
}

std::string limit_text(std::int64_t ns) {
  if (ns < 0 || ns % 1'000 != 0) return us_text(ns);
  return with_thousands(static_cast<std::uint64_t>(ns) / 1'000) + " us";
}

std::string percent_text(double share) { return fmt::format("{:.3g} %", share * 100); }

std::string counted_text(std::uint64_t count, const Noun& noun) {
  return fmt::format("{} {}", with_thousands(count), count == 1 ? noun.one : noun.many);
}

std::string stimuli_text(std::uint64_t count) { return counted_text(count, stimuli_noun); }

}  // namespace loopgate
