// argument = { names = [NAME…], present = true | false } or { names, TEST }: one of these arguments is on the
// kernel's command line, none is, or one passes the test.
#include <algorithm>

#include "audit/check.h"
#include "audit/text_parts.h"
#include "audit/text_rule.h"

namespace loopgate {
namespace {

constexpr const char* command_line = "/proc/cmdline";

struct ArgumentCheck {
  std::vector<std::string> names;
  std::optional<bool> present;
  TextTest test;
};

struct Argument {
  std::string_view word;  // as on the command line
  std::string_view value;
};

// To the kernel, - and _ in a name are the same. Words after "--" are for init.
bool same_name(std::string_view a, std::string_view b) {
  const auto plain = [](char c) { return c == '-' ? '_' : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return plain(x) == plain(y); });
}

// The last one counts, as in the kernel.
std::optional<Argument> find_argument(const std::string& name, std::string_view line) {
  std::optional<Argument> found;
  for (const std::string_view word : words_of(line)) {
    if (word == "--") break;
    const std::size_t equals = word.find('=');
    if (!same_name(word.substr(0, equals), name)) continue;
    found = Argument{word, equals == std::string_view::npos ? "" : word.substr(equals + 1)};
  }
  return found;
}

Judgement judge(const ArgumentCheck& check, const Argument& argument, const Parameters& parameters) {
  // rcu_nocbs, with no value or with "all", means every CPU.
  if (check.test.kind == TextTest::Kind::cpus_hold && (argument.value.empty() || argument.value == "all"))
    return Judgement::good;
  return try_text(check.test, argument.value, parameters).judgement;
}

// A value that cannot be parsed may still be as expected.
bool is_better(Judgement a, Judgement b) {
  const auto rank = [](Judgement of) { return of == Judgement::good ? 0 : of == Judgement::unknown ? 1 : 2; };
  return rank(a) < rank(b);
}

CheckOutcome look(const ArgumentCheck& check, const Facts& facts, const Parameters& parameters) {
  const Reading& reading = reading_of(facts.first, command_line);
  if (reading.facts.empty() || !reading.facts[0].text)
    return {Judgement::unknown, missing_reason(reading, command_line)};
  if (!check.test.parameter.empty() && parameters.cpus(check.test.parameter) == nullptr)
    return not_given(check.test.parameter);
  std::vector<std::string> seen;
  Judgement best = Judgement::attention;
  for (const std::string& name : check.names) {
    const auto argument = find_argument(name, *reading.facts[0].text);
    if (!argument) continue;
    seen.emplace_back(argument->word);
    if (!check.present) best = std::min(best, judge(check, *argument, parameters), is_better);
  }
  if (check.present) best = *check.present != seen.empty() ? Judgement::good : Judgement::attention;
  return {best, seen.empty() ? fmt::format("no {}", listed(check.names)) : listed(seen)};
}

}  // namespace

Result<RuleCheck> read_argument_check(const TomlTable& table) {
  TomlReader reader(table);
  ArgumentCheck check;
  reader.required("names", &check.names);
  if (check.names.empty()) reader.refuse("names", "is empty");
  bool present = false;
  if (reader.optional("present", &present)) {
    check.present = present;
  } else {
    check.test = read_text_test(&reader);
  }
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return RuleCheck{
      command_line, parameters_of(check.test),
      [](FactRequest* request) { request->files.try_emplace(command_line, false); },
      [check](const Facts& facts, const Parameters& parameters) { return look(check, facts, parameters); }};
}

}  // namespace loopgate
