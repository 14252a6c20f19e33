// log = { words = [WORDS…] }: no line of the kernel's log since boot contains one of them.
#include <algorithm>

#include "audit/check.h"
#include "audit/text_parts.h"

namespace loopgate {
namespace {

// The first line that every kernel writes. Without it the log was cleared, wrapped around or is not readable,
// so that missing lines prove nothing.
constexpr const char* banner_prefix = "Linux version ";

constexpr std::size_t log_line_width = 88;

CheckOutcome look(const std::vector<std::string>& words, const Facts& facts) {
  const Reading& reading = reading_of(facts.first, kernel_log);
  if (reading.facts.empty() || !reading.facts[0].text)
    return {Judgement::unknown, reading.asked
                                    ? "dmesg printed nothing (no permission, or the log was cleared)"
                                    : missing_reason(reading, kernel_log)};
  std::vector<std::string> found;
  bool whole = false;
  for (const std::string_view line : lines_of(*reading.facts[0].text)) {
    whole = whole || line.find(banner_prefix) != std::string_view::npos;
    if (std::any_of(words.begin(), words.end(),
                    [&](const std::string& word) { return line.find(word) != std::string_view::npos; }))
      found.push_back(shortened(trimmed(line), log_line_width));
  }
  if (!found.empty()) return {Judgement::attention, listed(found, 1)};
  if (!whole) return {Judgement::unknown, "the log no longer contains the first line of this boot"};
  return {Judgement::good, "no such line since boot"};
}

}  // namespace

Result<RuleCheck> read_log_check(const TomlTable& table) {
  TomlReader reader(table);
  std::vector<std::string> words;
  reader.required("words", &words);
  if (words.empty()) reader.refuse("words", "is empty");
  for (const std::string& word : words) {
    if (word.empty() || word.find('\n') != std::string::npos)
      reader.refuse("words", "must not be empty or span lines");
  }
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return RuleCheck{kernel_log,
                   {},
                   [words](FactRequest* request) {
                     request->log_words.emplace_back(banner_prefix);
                     request->log_words.insert(request->log_words.end(), words.begin(), words.end());
                   },
                   [words](const Facts& facts, const Parameters&) { return look(words, facts); }};
}

}  // namespace loopgate
