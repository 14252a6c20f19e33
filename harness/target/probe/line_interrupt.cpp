#include "target/probe/line_interrupt.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace loopgate {
namespace {

// " 18:          0  9030000.pl061   0 Edge      stimulus"
std::optional<int> number_of(std::string_view row) {
  const std::size_t begin = row.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(row.data() + begin, row.data() + row.size(), number);
  const bool good = error == std::errc() && end != row.data() + row.size() && *end == ':';
  return good ? std::optional(number) : std::nullopt;
}

std::string_view last_word(std::string_view row) {
  const std::size_t end = row.find_last_not_of(" \t");
  if (end == std::string_view::npos) return {};
  row = row.substr(0, end + 1);
  const std::size_t blank = row.find_last_of(" \t");
  return blank == std::string_view::npos ? row : row.substr(blank + 1);
}

}  // namespace

std::optional<int> irq_named(std::string_view interrupts, std::string_view handler) {
  std::optional<int> found;
  while (!interrupts.empty()) {
    const std::size_t end = interrupts.find('\n');
    const std::string_view row = interrupts.substr(0, end);
    interrupts.remove_prefix(end == std::string_view::npos ? interrupts.size() : end + 1);
    const auto number = last_word(row) == handler ? number_of(row) : std::nullopt;
    if (!number) continue;
    if (found) return std::nullopt;
    found = number;
  }
  return found;
}

std::optional<pid_t> irq_thread(int irq, const std::string& proc) {
  const std::string prefix = "irq/" + std::to_string(irq) + "-";
  std::error_code ended;
  for (std::filesystem::directory_iterator entry(proc, ended), end; !ended && entry != end;
       entry.increment(ended)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string comm;
    std::getline(std::ifstream(entry->path() / "comm"), comm);
    if (comm.starts_with(prefix)) return std::atoi(name.c_str());
  }
  return std::nullopt;
}

}  // namespace loopgate
