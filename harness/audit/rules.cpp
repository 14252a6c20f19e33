#include "audit/rules.h"

#include <algorithm>
#include <array>

#include "audit/fact_script.h"
#include "audit/text_parts.h"
#include "base/digest.h"

namespace loopgate {
namespace {

struct CheckKind {
  const char* key;
  ReadCheck read;
};

constexpr std::array<CheckKind, 8> check_kinds = {{{"file", read_file_check},
                                                   {"config", read_config_check},
                                                   {"argument", read_argument_check},
                                                   {"threads", read_thread_check},
                                                   {"rate", read_rate_check},
                                                   {"log", read_log_check},
                                                   {"idle_states", read_idle_check},
                                                   {"interrupts", read_interrupt_check}}};

// Reads the rule's one check table; refuses none and two. The check's own errors are reported after the
// reader's.
Result<RuleCheck> read_check(TomlReader* reader) {
  const CheckKind* given = nullptr;
  TomlTable table;
  std::string known;
  for (const CheckKind& kind : check_kinds) {
    known += (known.empty() ? "" : ", ") + std::string(kind.key);
    bool present = false;
    TomlTable found = reader->table(kind.key, &present);
    if (!present) continue;
    if (given != nullptr)
      reader->refuse(kind.key, fmt::format("and {} are two checks: give only one", given->key));
    given = &kind;
    table = std::move(found);
  }
  if (given == nullptr) reader->refuse("file", "or another check is missing: " + known);
  if (given == nullptr || !table.exists()) return RuleCheck{};
  return given->read(table);
}

Result<Condition> read_condition(const TomlTable& table) {
  TomlReader reader(table);
  Condition condition;
  reader.required("otherwise", &condition.otherwise);
  auto check = read_check(&reader);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (!check) return tl::unexpected(check.error());
  condition.check = std::move(*check);
  return condition;
}

void required_text(TomlReader* reader, const char* key, std::string* text) {
  reader->required(key, text);
  if (trimmed(*text).empty()) reader->refuse(key, "is empty");
}

Result<Rule> read_rule(const TomlTable& table) {
  TomlReader reader(table);
  Rule rule;
  required_text(&reader, "name", &rule.name);
  required_text(&reader, "group", &rule.group);
  required_text(&reader, "title", &rule.title);
  required_text(&reader, "expected", &rule.expected);
  required_text(&reader, "why", &rule.why);
  required_text(&reader, "change", &rule.change);
  auto check = read_check(&reader);
  bool conditional = false;
  const TomlTable where = reader.table("where", &conditional);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (!check) return tl::unexpected(check.error());
  rule.check = std::move(*check);
  if (conditional) {
    auto condition = read_condition(where);
    if (!condition) return tl::unexpected(condition.error());
    rule.where = std::move(*condition);
  }
  return rule;
}

bool is_value_of(ParameterKind kind, const std::string& text) {
  if (kind == ParameterKind::number) return parse_number<std::int64_t>(text).has_value();
  return kind == ParameterKind::names ? parse_names(text).has_value() : parse_cpu_list(text).has_value();
}

Result<ParameterRule> read_parameter(const TomlTable& table) {
  TomlReader reader(table);
  ParameterRule parameter;
  std::string kind;
  required_text(&reader, "name", &parameter.name);
  required_text(&reader, "title", &parameter.title);
  reader.required("kind", &kind);
  reader.optional("value", &parameter.value);
  reader.optional("file", &parameter.file);
  bool known = false;
  for (const ParameterKind one : {ParameterKind::cpus, ParameterKind::number, ParameterKind::names}) {
    if (kind != name_of(one)) continue;
    parameter.kind = one;
    known = true;
  }
  if (!known) reader.refuse("kind", "must be cpus, number or names");
  if (!parameter.value.empty() && !is_value_of(parameter.kind, parameter.value))
    reader.refuse("value", "must be of its kind");
  if (!parameter.file.empty() && !is_plain_glob(parameter.file))
    reader.refuse("file", "must be a plain, absolute path");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return parameter;
}

Result<MachineRule> read_machine(const TomlTable& table) {
  TomlReader reader(table);
  MachineRule machine;
  required_text(&reader, "name", &machine.name);
  reader.required("paths", &machine.paths);
  reader.optional("key", &machine.key);
  if (machine.paths.empty()) reader.refuse("paths", "is empty");
  for (const std::string& path : machine.paths) {
    if (!is_plain_glob(path)) reader.refuse("paths", "must be plain, absolute paths");
  }
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return machine;
}

template <class T>
Status read_all(const std::vector<TomlTable>& tables, Result<T> (*read)(const TomlTable&),
                std::vector<T>* all) {
  for (const TomlTable& table : tables) {
    auto item = read(table);
    if (!item) return tl::unexpected(item.error());
    const bool twice =
        std::any_of(all->begin(), all->end(), [&](const T& other) { return other.name == item->name; });
    if (twice)
      return fail(ErrorKind::usage, fmt::format("{}:{}: {}.name: \"{}\" is used twice", table.file(),
                                                table.line(), table.where(), item->name));
    all->push_back(std::move(*item));
  }
  return {};
}

// Checks that every parameter used by a check is declared, with the kind that the check needs.
Status check_parameters(const Rules& rules) {
  const auto check = [&](const Rule& rule, const RuleCheck& used) -> Status {
    for (const auto& [name, kind] : used.parameters) {
      const auto found = std::find_if(rules.parameters.begin(), rules.parameters.end(),
                                      [&](const ParameterRule& known) { return known.name == name; });
      if (found != rules.parameters.end() && found->kind == kind) continue;
      return fail(ErrorKind::usage, fmt::format("{}: rule {}: \"{}\" is not a [[parameter]] of kind {}",
                                                rules.file, rule.name, name, name_of(kind)));
    }
    return {};
  };
  for (const Rule& rule : rules.rules) {
    if (auto done = check(rule, rule.check); !done) return done;
    if (!rule.where) continue;
    if (auto done = check(rule, rule.where->check); !done) return done;
  }
  return {};
}

template <class T>
void sort_out(std::vector<T>* all) {
  std::sort(all->begin(), all->end());
  all->erase(std::unique(all->begin(), all->end()), all->end());
}

}  // namespace

Result<Rules> read_rules(const std::filesystem::path& path) {
  auto file = TomlTable::parse_file(path);
  if (!file) return tl::unexpected(file.error());
  auto digest = sha256_of_file(path);
  if (!digest) return tl::unexpected(digest.error());
  Rules rules;
  rules.file = path.string();
  rules.sha256 = *digest;
  TomlReader reader(*file);
  const auto parameters = reader.tables("parameter");
  const auto machine = reader.tables("machine");
  const auto all = reader.tables("rule");
  if (all.empty()) reader.refuse("rule", "is missing: there is nothing to audit");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (auto done = read_all(parameters, read_parameter, &rules.parameters); !done)
    return tl::unexpected(done.error());
  if (auto done = read_all(machine, read_machine, &rules.machine); !done) return tl::unexpected(done.error());
  if (auto done = read_all(all, read_rule, &rules.rules); !done) return tl::unexpected(done.error());
  if (auto done = check_parameters(rules); !done) return tl::unexpected(done.error());
  return rules;
}

FactRequest request_of(const Rules& rules) {
  FactRequest request;
  for (const ParameterRule& parameter : rules.parameters) {
    if (!parameter.file.empty()) request.files.try_emplace(parameter.file, false);
  }
  for (const MachineRule& machine : rules.machine) {
    for (const std::string& path : machine.paths) request.files.try_emplace(path, false);
  }
  for (const Rule& rule : rules.rules) {
    rule.check.request(&request);
    if (rule.where) rule.where->check.request(&request);
  }
  sort_out(&request.options);
  sort_out(&request.log_words);
  return request;
}

}  // namespace loopgate
