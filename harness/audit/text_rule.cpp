#include "audit/text_rule.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "audit/text_parts.h"

namespace loopgate {
namespace {

using Kind = TextTest::Kind;

constexpr std::size_t line_width = 72;

struct TestKey {
  const char* key;
  Kind kind;
};

constexpr std::array<TestKey, 12> keys = {{{"one_of", Kind::one_of},
                                           {"contains", Kind::contains},
                                           {"lacks", Kind::lacks},
                                           {"chosen", Kind::chosen},
                                           {"max", Kind::at_most},
                                           {"min", Kind::at_least},
                                           {"bits_clear", Kind::bits_clear},
                                           {"cpus_hold", Kind::cpus_hold},
                                           {"cpus_lack", Kind::cpus_lack},
                                           {"mask_lacks", Kind::mask_lacks},
                                           {"min_release", Kind::min_release},
                                           {"release_below", Kind::release_below}}};

// 6.12.118-rt1 -> 6, 12, 118
std::vector<int> release_numbers(std::string_view release) {
  std::vector<int> numbers;
  for (const std::string_view part : split(release, '.')) {
    const auto digits = static_cast<std::size_t>(
        std::find_if_not(part.begin(), part.end(),
                         [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }) -
        part.begin());
    const auto number = parse_number<int>(part.substr(0, digits));
    if (!number) break;
    numbers.push_back(*number);
    if (digits != part.size()) break;
  }
  return numbers;
}

std::string first_line(std::string_view text) {
  return shortened(trimmed(text.substr(0, text.find('\n'))), line_width);
}

// The line that contains the word; for a long line, only that it contains the word.
std::string line_with(std::string_view text, const std::string& word) {
  const std::size_t at = text.find(word);
  const std::size_t begin = text.rfind('\n', at) + 1;  // npos + 1 is 0
  const std::string_view line = trimmed(text.substr(begin, text.find('\n', at) - begin));
  return line.size() <= line_width ? std::string(line) : fmt::format("has \"{}\"", trimmed(word));
}

CheckOutcome try_words(const TextTest& test, std::string_view text) {
  const auto found = std::find_if(test.words.begin(), test.words.end(), [&](const std::string& word) {
    return text.find(word) != std::string_view::npos;
  });
  const bool has = found != test.words.end();
  const bool one_line = std::count(text.begin(), text.end(), '\n') <= 1;
  std::string seen = fmt::format("no \"{}\"", trimmed(test.words[0]));
  if (has) seen = line_with(text, *found);
  if (!has && one_line && test.kind == Kind::contains) seen = first_line(text);
  return {has == (test.kind == Kind::contains) ? Judgement::good : Judgement::attention, seen};
}

// Some files mark the choice with [], others with ().
std::optional<std::string_view> chosen_word(std::string_view text) {
  for (const std::string_view word : words_of(text)) {
    if (word.size() > 2 &&
        ((word.front() == '[' && word.back() == ']') || (word.front() == '(' && word.back() == ')')))
      return word.substr(1, word.size() - 2);
  }
  return std::nullopt;
}

// The first word: decimal, or hexadecimal after 0x.
std::optional<std::int64_t> first_number(std::string_view text) {
  const auto words = words_of(trimmed(text));
  if (words.empty()) return std::nullopt;
  if (words[0].starts_with("0x")) return parse_number<std::int64_t>(words[0].substr(2), 16);
  return parse_number<std::int64_t>(words[0]);
}

bool holds(const TextTest& test, std::int64_t number) {
  if (test.kind == Kind::at_most) return number <= test.number;
  if (test.kind == Kind::at_least) return number >= test.number;
  return std::none_of(test.bits.begin(), test.bits.end(), [&](std::int64_t bit) {
    return (static_cast<std::uint64_t>(number) >> static_cast<unsigned>(bit) & 1U) != 0;
  });
}

CheckOutcome try_number(const TextTest& test, std::string_view text) {
  const auto number = first_number(text);
  const std::string seen = first_line(text);
  if (!number) return {Judgement::unknown, fmt::format("\"{}\" is not a number", seen)};
  return {holds(test, *number) ? Judgement::good : Judgement::attention, seen};
}

CheckOutcome try_cpus(const TextTest& test, std::string_view text, const Parameters& parameters) {
  const CpuSet* wanted = parameters.cpus(test.parameter);
  if (wanted == nullptr) return not_given(test.parameter);
  const auto cpus = test.kind == Kind::mask_lacks ? parse_cpu_mask(text) : parse_cpu_list(text);
  if (!cpus) return {Judgement::unknown, fmt::format("\"{}\" is not a list of CPUs", first_line(text))};
  const std::size_t shared = common(*cpus, *wanted).size();
  const bool good = test.kind == Kind::cpus_hold ? shared == wanted->size() : shared == 0;
  return {good ? Judgement::good : Judgement::attention, to_text(*cpus)};
}

CheckOutcome try_release(const TextTest& test, std::string_view text) {
  const auto seen = release_numbers(trimmed(text));
  if (seen.empty()) return {Judgement::unknown, fmt::format("\"{}\" is not a release", first_line(text))};
  const bool at_least = seen >= release_numbers(test.words[0]);
  return {at_least == (test.kind == Kind::min_release) ? Judgement::good : Judgement::attention,
          first_line(text)};
}

void read_value(TomlReader* reader, const TestKey& key, TextTest* test) {
  switch (key.kind) {
    case Kind::one_of:
    case Kind::contains:
    case Kind::lacks:
    case Kind::chosen:
      reader->required(key.key, &test->words);
      if (test->words.empty()) reader->refuse(key.key, "is empty");
      return;
    case Kind::at_most:
    case Kind::at_least:
      reader->required(key.key, &test->number);
      return;
    case Kind::bits_clear:
      reader->required(key.key, &test->bits);
      if (test->bits.empty() || std::any_of(test->bits.begin(), test->bits.end(),
                                            [](std::int64_t bit) { return bit < 0 || bit > 62; }))
        reader->refuse(key.key, "must be bits from 0 to 62");
      return;
    case Kind::cpus_hold:
    case Kind::cpus_lack:
    case Kind::mask_lacks:
      reader->required(key.key, &test->parameter);
      return;
    case Kind::min_release:
    case Kind::release_below:
      test->words.resize(1);
      reader->required(key.key, &test->words[0]);
      if (release_numbers(test->words[0]).empty()) reader->refuse(key.key, "must be a release such as 6.12");
      return;
  }
}

}  // namespace

TextTest read_text_test(TomlReader* reader) {
  reader->renamed("at_most", "max");
  reader->renamed("at_least", "min");
  reader->renamed("release_at_least", "min_release");
  TextTest test;
  const TestKey* given = nullptr;
  std::vector<const char*> names;
  for (const TestKey& key : keys) {
    names.push_back(key.key);
    if (!reader->has(key.key)) continue;
    if (given != nullptr)
      reader->refuse(key.key, fmt::format("and {} are two tests: give only one", given->key));
    given = &key;
    test.kind = key.kind;
    read_value(reader, key, &test);
  }
  if (given == nullptr)
    reader->refuse("one_of", fmt::format("or another test is missing: {}", fmt::join(names, ", ")));
  return test;
}

std::map<std::string, ParameterKind> parameters_of(const TextTest& test) {
  if (test.parameter.empty()) return {};
  return {{test.parameter, ParameterKind::cpus}};
}

CheckOutcome try_text(const TextTest& test, std::string_view text, const Parameters& parameters) {
  const auto one_of = [&](std::string_view value) {
    return std::find(test.words.begin(), test.words.end(), value) != test.words.end() ? Judgement::good
                                                                                      : Judgement::attention;
  };
  switch (test.kind) {
    case Kind::one_of:
      return {one_of(trimmed(text)), first_line(text)};
    case Kind::chosen: {
      const auto word = chosen_word(text);
      if (word) return {one_of(*word), std::string(*word)};
      return {Judgement::unknown, fmt::format("no word of \"{}\" is in brackets", first_line(text))};
    }
    case Kind::contains:
    case Kind::lacks:
      return try_words(test, text);
    case Kind::at_most:
    case Kind::at_least:
    case Kind::bits_clear:
      return try_number(test, text);
    case Kind::cpus_hold:
    case Kind::cpus_lack:
    case Kind::mask_lacks:
      return try_cpus(test, text, parameters);
    case Kind::min_release:
    case Kind::release_below:
      return try_release(test, text);
  }
  return {};
}

}  // namespace loopgate
