#include "audit/cpu_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "audit/text_parts.h"

namespace loopgate {
namespace {

constexpr int last_cpu = 8191;

}  // namespace

std::optional<CpuSet> parse_cpu_list(std::string_view text) {
  CpuSet cpus;
  text = trimmed(text);
  if (text.empty() || text == "(null)") return cpus;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_number<int>(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number<int>(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last > last_cpu) return std::nullopt;
    for (int cpu = *first; cpu <= *last; ++cpu) cpus.insert(cpu);
  }
  return cpus;
}

std::optional<CpuSet> parse_cpu_mask(std::string_view text) {
  auto groups = split(trimmed(text), ',');
  std::reverse(groups.begin(), groups.end());
  CpuSet cpus;
  int cpu = 0;
  for (const std::string_view group : groups) {
    const auto bits = parse_number<std::uint32_t>(group, 16);
    if (!bits || cpu > last_cpu) return std::nullopt;
    for (int bit = 0; bit < 32; ++bit) {
      if ((*bits >> bit & 1U) != 0) cpus.insert(cpu + bit);
    }
    cpu += 32;
  }
  return cpus;
}

std::string to_text(const CpuSet& cpus) {
  if (cpus.empty()) return "none";
  std::string text;
  for (auto cpu = cpus.begin(); cpu != cpus.end();) {
    const int first = *cpu;
    int last = first;
    while (++cpu != cpus.end() && *cpu == last + 1) last = *cpu;
    text += fmt::format("{}{}", text.empty() ? "" : ",", first);
    if (last > first) text += fmt::format("-{}", last);
  }
  return text;
}

CpuSet common(const CpuSet& a, const CpuSet& b) {
  CpuSet both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  return both;
}

}  // namespace loopgate
