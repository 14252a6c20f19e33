// log = { words = [WORDS…] }: no line of the kernel's log since boot contains one of them.
// log = { after = TEXT, TEST }: what follows the text in the last line that has it passes the test.
#include <algorithm>

#include "audit/check.h"
#include "audit/text_parts.h"
#include "audit/text_rule.h"

namespace loopgate {
namespace {

// The first line that every kernel writes. Without it the log was cleared, wrapped around or is not readable,
// so that missing lines prove nothing.
constexpr const char* banner_prefix = "Linux version ";
constexpr const char* not_whole = "the log no longer contains the first line of this boot";

constexpr std::size_t log_line_width = 88;

struct Log {
  std::vector<std::string_view> lines;
  bool whole = false;
};

// The outcome is of a log that cannot be read.
tl::expected<Log, CheckOutcome> read_log(const Facts& facts) {
  const Reading& reading = reading_of(facts.first, kernel_log);
  if (reading.facts.empty() || !reading.facts[0].text)
    return tl::unexpected(CheckOutcome{
        Judgement::unknown, reading.asked ? "dmesg printed nothing (no permission, or the log was cleared)"
                                          : missing_reason(reading, kernel_log)});
  Log log;
  for (const std::string_view line : lines_of(*reading.facts[0].text)) {
    log.whole = log.whole || line.find(banner_prefix) != std::string_view::npos;
    log.lines.push_back(line);
  }
  return log;
}

CheckOutcome look_for_words(const std::vector<std::string>& words, const Facts& facts) {
  const auto log = read_log(facts);
  if (!log) return log.error();
  std::vector<std::string> found;
  for (const std::string_view line : log->lines) {
    if (std::any_of(words.begin(), words.end(),
                    [&](const std::string& word) { return line.find(word) != std::string_view::npos; }))
      found.push_back(shortened(trimmed(line), log_line_width));
  }
  if (!found.empty()) return {Judgement::attention, listed(found, 1)};
  if (!log->whole) return {Judgement::unknown, not_whole};
  return {Judgement::good, "no such line since boot"};
}

CheckOutcome look_behind(const std::string& text, const TextTest& test, const Facts& facts,
                         const Parameters& parameters) {
  const auto log = read_log(facts);
  if (!log) return log.error();
  if (!test.parameter.empty() && parameters.cpus(test.parameter) == nullptr) return not_given(test.parameter);
  const auto has_text = [&](std::string_view line) { return line.find(text) != std::string_view::npos; };
  const auto last = std::find_if(log->lines.rbegin(), log->lines.rend(), has_text);
  if (last != log->lines.rend()) {
    std::string_view rest = trimmed(last->substr(last->find(text) + text.size()));
    if (rest.ends_with('.')) rest.remove_suffix(1);
    if (rest == "(none)") rest = {};
    CheckOutcome outcome = try_text(test, rest, parameters);
    outcome.seen = shortened(trimmed(*last), log_line_width);
    return outcome;
  }
  if (!log->whole) return {Judgement::unknown, not_whole};
  return {Judgement::attention, fmt::format("the kernel's log has no \"{}\"", trimmed(text))};
}

bool is_one_line(const std::string& text) { return !text.empty() && text.find('\n') == std::string::npos; }

Result<RuleCheck> read_behind(TomlReader reader, const std::string& after) {
  if (!is_one_line(after)) reader.refuse("after", "must not be empty or span lines");
  const TextTest test = read_text_test(&reader);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return RuleCheck{kernel_log, parameters_of(test),
                   [after](FactRequest* request) {
                     request->log_words.emplace_back(banner_prefix);
                     request->log_words.push_back(after);
                   },
                   [after, test](const Facts& facts, const Parameters& parameters) {
                     return look_behind(after, test, facts, parameters);
                   }};
}

}  // namespace

Result<RuleCheck> read_log_check(const TomlTable& table) {
  TomlReader reader(table);
  if (std::string after; reader.optional("after", &after)) return read_behind(std::move(reader), after);
  std::vector<std::string> words;
  reader.required("words", &words);
  if (words.empty()) reader.refuse("words", "is empty");
  if (!std::ranges::all_of(words, is_one_line)) reader.refuse("words", "must not be empty or span lines");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return RuleCheck{kernel_log,
                   {},
                   [words](FactRequest* request) {
                     request->log_words.emplace_back(banner_prefix);
                     request->log_words.insert(request->log_words.end(), words.begin(), words.end());
                   },
                   [words](const Facts& facts, const Parameters&) { return look_for_words(words, facts); }};
}

}  // namespace loopgate
