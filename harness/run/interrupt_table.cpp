#include "run/interrupt_table.h"

#include <iterator>
#include <sstream>
#include <vector>

namespace loopgate {
namespace {

// The first line names the CPUs; each row has as many counts. What follows may begin with a digit, too:
// "9030000.pl061".
std::size_t count_cpus(const std::string& header) {
  std::istringstream words(header);
  std::size_t cpus = 0;
  for (std::string word; words >> word;) cpus += word.starts_with("CPU") ? 1 : 0;
  return cpus;
}

std::vector<std::string> table_words(const std::string& line) {
  std::istringstream all(line);
  return {std::istream_iterator<std::string>{all}, {}};
}

}  // namespace

std::string line_of(const std::string& table, const std::string& name) {
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = table_words(line);
    // "18:  10097  9030000.pl061  0  Edge  stimulus"
    if (words.size() >= 6 && words.back() == name && words[words.size() - 2] == "Edge")
      return words[words.size() - 4] + " " + words[words.size() - 3];
  }
  return {};
}

std::size_t online_cpus(const std::string& table) { return count_cpus(table.substr(0, table.find('\n'))); }

std::string cpus_of(const std::string& table, const std::string& name) {
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> cpus = table_words(line);
  std::string list;
  while (std::getline(lines, line)) {
    const std::vector<std::string> words = table_words(line);
    if (words.size() < cpus.size() + 2 || words.back() != name) continue;
    for (std::size_t i = 0; i < cpus.size(); ++i)
      if (words[i + 1] != "0" && cpus[i].starts_with("CPU"))
        list += (list.empty() ? "" : ",") + cpus[i].substr(3);
  }
  return list;
}

std::optional<std::uint64_t> interrupts_of(const std::string& table, const std::string& name) {
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line);
  const std::size_t cpus = count_cpus(line);
  std::optional<std::uint64_t> sum;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word;
    words >> word;  // "18:"
    std::uint64_t counted = 0;
    std::uint64_t on_cpu = 0;
    std::size_t read = 0;
    while (read < cpus && words >> on_cpu) {
      counted += on_cpu;
      ++read;
    }
    bool is_named = false;
    while (words >> word) is_named = word == name;
    if (read == cpus && is_named) sum = sum.value_or(0) + counted;
  }
  return sum;
}

}  // namespace loopgate
