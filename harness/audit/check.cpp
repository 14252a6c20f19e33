#include "audit/check.h"

#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>

namespace loopgate {

const char* name_of(Judgement judgement) {
  switch (judgement) {
    case Judgement::good:
      return "good";
    case Judgement::attention:
      return "attention";
    case Judgement::unknown:
      return "unknown";
    case Judgement::not_applicable:
      return "not applicable";
  }
  return "unknown";
}

const char* name_of(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::cpus:
      return "cpus";
    case ParameterKind::number:
      return "number";
    case ParameterKind::names:
      return "names";
  }
  return "unknown";
}

const Reading& reading_of(const std::map<std::string, Reading, std::less<>>& facts, std::string_view name) {
  static const Reading not_requested{{}, "/", false};
  const auto found = facts.find(name);
  return found == facts.end() ? not_requested : found->second;
}

std::string readable(std::string_view glob) {
  constexpr std::string_view digits = "[0-9]*";
  std::string text(glob);
  for (std::size_t at = text.find(digits); at != std::string::npos; at = text.find(digits, at))
    text.replace(at, digits.size(), "*");
  return text;
}

std::string missing_reason(const Reading& reading, std::string_view name) {
  if (!reading.asked)
    return fmt::format("{} was not requested: the facts were read for other rules", readable(name));
  if (!reading.facts.empty()) return fmt::format("{} could not be read", reading.facts[0].path);
  if (reading.locked.empty()) return fmt::format("{} does not exist", readable(name));
  return fmt::format("no permission to read {}", reading.locked);
}

std::string listed(const std::vector<std::string>& items, std::size_t most) {
  const std::size_t shown = std::min(items.size(), most);
  std::string text =
      fmt::format("{}", fmt::join(items.begin(), items.begin() + static_cast<long>(shown), ", "));
  if (shown < items.size()) text += fmt::format(" and {} more", items.size() - shown);
  return text;
}

bool matches_any(const std::vector<std::string>& globs, const std::string& text) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return ::fnmatch(glob.c_str(), text.c_str(), 0) == 0; });
}

// A driver names the interrupts of a device's queues NAME-…; a handler's second thread is irq/N-s-NAME.
bool is_of_device(const std::vector<std::string>& devices, const std::string& text) {
  std::vector<std::string> patterns;
  for (const std::string& device : devices) {
    for (const char* before : {"", "irq/[0-9]*-", "irq/[0-9]*-s-"}) {
      patterns.push_back(before + device);
      patterns.push_back(before + device + "-*");
    }
  }
  for (const std::string_view word : words_of(text)) {
    if (matches_any(patterns, std::string(word.substr(0, word.find(','))))) return true;
  }
  return false;
}

}  // namespace loopgate
