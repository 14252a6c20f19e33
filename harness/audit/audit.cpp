#include "audit/audit.h"

#include <algorithm>

#include "audit/text_parts.h"
#include "base/nearest.h"

namespace loopgate {
namespace {

// Names and log lines come from the machine and must not control the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

// False when the text is not a value of that kind.
bool set_parameter(const ParameterRule& rule, const std::string& text, Parameters* parameters) {
  if (rule.kind == ParameterKind::number) {
    const auto number = parse_number<std::int64_t>(trimmed(text));
    if (number && parameters != nullptr) parameters->set(rule.name, *number);
    return number.has_value();
  }
  if (rule.kind == ParameterKind::names) {
    const auto names = parse_names(text);
    if (names && parameters != nullptr) parameters->set(rule.name, *names);
    return names.has_value();
  }
  const auto cpus = parse_cpu_list(text);
  if (!cpus || cpus->empty()) return false;
  if (parameters != nullptr) parameters->set(rule.name, *cpus);
  return true;
}

std::string text_of(const Facts& facts, const std::string& path) {
  std::string all;
  for (const Fact& fact : reading_of(facts.first, path).facts) {
    if (fact.text) all += *fact.text;
  }
  return all;
}

const char* example_of(ParameterKind kind) {
  if (kind == ParameterKind::names) return "names of devices such as eth1 or eth1,can0";
  return kind == ParameterKind::cpus ? "CPUs such as 1 or 2-3,6" : "a whole number";
}

AuditParameter settle(const ParameterRule& rule, const Facts& facts,
                      const std::map<std::string, std::string>& given, Parameters* parameters) {
  AuditParameter settled{rule.name, rule.title, "", ""};
  const auto found = given.find(rule.name);
  const std::pair<std::string, std::string> sources[] = {
      {found == given.end() ? "" : found->second, "given"},
      {rule.file.empty() ? "" : std::string(trimmed(text_of(facts, rule.file))), rule.file},
      {rule.value, "rules"}};
  for (const auto& [text, source] : sources) {
    if (text.empty() || !set_parameter(rule, text, parameters)) continue;
    settled.value = printable(text);
    settled.source = source;
    return settled;
  }
  return settled;
}

// The first "key : value" line, in the form of /proc/cpuinfo.
std::string value_of_key(std::string_view text, const std::string& key) {
  for (const std::string_view line : lines_of(text)) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == key)
      return std::string(trimmed(line.substr(colon + 1)));
  }
  return "";
}

std::string describe(const MachineRule& rule, const Facts& facts) {
  std::string text;
  for (const std::string& path : rule.paths) {
    const std::string file = text_of(facts, path);
    const std::string part = rule.key.empty()
                                 ? std::string(trimmed(std::string_view(file).substr(0, file.find('\n'))))
                                 : value_of_key(file, rule.key);
    if (!part.empty()) text += (text.empty() ? "" : " ") + part;
  }
  return text;
}

CheckOutcome judge(const Rule& rule, const Facts& facts, const Parameters& parameters) {
  if (rule.where) {
    const CheckOutcome applies = rule.where->check.judge(facts, parameters);
    if (applies.judgement == Judgement::unknown)
      return {Judgement::unknown, fmt::format("{} (this decides whether the rule applies)", applies.seen)};
    if (applies.judgement != Judgement::good) return {Judgement::not_applicable, rule.where->otherwise};
  }
  return rule.check.judge(facts, parameters);
}

}  // namespace

std::size_t Audit::count(Judgement judgement) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [&](const AuditFinding& finding) { return finding.judgement == judgement; }));
}

Status check_given(const Rules& rules, const std::map<std::string, std::string>& given) {
  std::vector<std::string> known;
  for (const ParameterRule& rule : rules.parameters) known.push_back(rule.name);
  for (const auto& [name, value] : given) {
    const auto rule =
        std::find_if(rules.parameters.begin(), rules.parameters.end(),
                     [&, &wanted = name](const ParameterRule& one) { return one.name == wanted; });
    if (rule == rules.parameters.end())
      return fail(ErrorKind::usage, fmt::format("{} has no parameter \"{}\"", rules.file, name),
                  meant_or_known(name, known));
    if (!set_parameter(*rule, value, nullptr))
      return fail(ErrorKind::usage, fmt::format("{}={}: must be {}", name, value, example_of(rule->kind)));
  }
  return {};
}

Result<Audit> audit(const Rules& rules, const Facts& facts, const std::map<std::string, std::string>& given) {
  if (auto good = check_given(rules, given); !good) return tl::unexpected(good.error());
  Audit audit;
  audit.rules_file = rules.file;
  audit.rules_sha256 = rules.sha256;
  Parameters parameters;
  for (const ParameterRule& rule : rules.parameters)
    audit.parameters.push_back(settle(rule, facts, given, &parameters));
  for (const MachineRule& rule : rules.machine) {
    const std::string text = describe(rule, facts);
    if (!text.empty()) audit.machine.emplace_back(rule.name, printable(text));
  }
  for (const Rule& rule : rules.rules) {
    CheckOutcome outcome = judge(rule, facts, parameters);
    audit.findings.push_back({rule.name, rule.group, rule.title, outcome.judgement,
                              printable(std::move(outcome.seen)), rule.check.from, rule.expected, rule.why,
                              rule.change});
  }
  return audit;
}

}  // namespace loopgate
