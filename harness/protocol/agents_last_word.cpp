#include "protocol/agents_last_word.h"

namespace loopgate {
namespace {

constexpr std::string_view cannot_go_on = "cannot go on: ";

}  // namespace

std::string agents_last_word(const std::string& what) { return std::string(cannot_go_on) + what; }

std::optional<std::string> find_agents_last_word(std::string_view console) {
  const std::string begin = std::string(agents_mark) + std::string(cannot_go_on);
  const auto at = console.rfind(begin);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view word = console.substr(at + begin.size());
  return std::string(word.substr(0, word.find_first_of("\r\n")));
}

}  // namespace loopgate
