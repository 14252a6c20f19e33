#include "audit/counters.h"

#include "audit/text_parts.h"

namespace loopgate {
namespace {

constexpr std::size_t softnet_cpu_column = 12;

}  // namespace

Counters parse_counter_table(std::string_view text) {
  const auto lines = lines_of(text);
  if (lines.empty()) return std::nullopt;
  std::vector<int> cpus;
  for (const std::string_view word : words_of(lines[0])) {
    const auto cpu = word.starts_with("CPU") ? parse_number<int>(word.substr(3)) : std::nullopt;
    if (!cpu) return std::nullopt;
    cpus.push_back(*cpu);
  }
  if (cpus.empty()) return std::nullopt;
  std::vector<Counter> counters;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto words = words_of(lines[i]);
    if (words.empty() || words[0].size() < 2 || words[0].back() != ':') return std::nullopt;
    const std::string name(words[0].substr(0, words[0].size() - 1));
    std::size_t at = 1;
    const std::size_t first = counters.size();
    for (; at < words.size() && at <= cpus.size(); ++at) {
      const auto count = parse_number<std::uint64_t>(words[at]);
      if (!count) return std::nullopt;
      counters.push_back({name, "", cpus[at - 1], *count});
    }
    if (at == 2 && cpus.size() > 1) counters.back().cpu = -1;  // ERR and MIS count for all
    std::string about;
    for (; at < words.size(); ++at) about += (about.empty() ? "" : " ") + std::string(words[at]);
    for (std::size_t counter = first; counter < counters.size(); ++counter) counters[counter].about = about;
  }
  return counters;
}

Counters parse_softnet(std::string_view text, std::size_t column) {
  std::vector<Counter> counters;
  for (const std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (column >= words.size()) return std::nullopt;
    const auto count = parse_number<std::uint64_t>(words[column], 16);
    auto cpu = std::optional<int>(static_cast<int>(counters.size()));
    if (words.size() > softnet_cpu_column) cpu = parse_number<int>(words[softnet_cpu_column], 16);
    if (!count || !cpu) return std::nullopt;
    counters.push_back({std::to_string(column), "", *cpu, *count});
  }
  if (counters.empty()) return std::nullopt;
  return counters;
}

}  // namespace loopgate
