// Reads fixtures/audit/rules.toml. A rule is data: what to read, the expected value, why it matters and how
// to change it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "audit/check.h"

namespace loopgate {

// A value that rules refer to. Taken from the command line or the board, else from a file of the machine,
// else from the rules file; rules that need a missing value do not apply.
struct ParameterRule {
  std::string name;
  std::string title;
  ParameterKind kind = ParameterKind::cpus;
  std::string value;
  std::string file;
};

// A property of the machine, printed at the top of the audit without judgement.
struct MachineRule {
  std::string name;
  std::vector<std::string> paths;  // their texts, one after the other
  std::string key;                 // of "key : value" in the text; empty: the first line
};

// A rule that applies only where this check is good.
struct Condition {
  RuleCheck check;
  std::string otherwise;  // why it does not apply
};

struct Rule {
  std::string name;
  std::string group;
  std::string title;
  std::string expected;
  std::string why;
  std::string change;
  RuleCheck check;
  std::optional<Condition> where;
};

struct Rules {
  std::vector<ParameterRule> parameters;
  std::vector<MachineRule> machine;
  std::vector<Rule> rules;
  std::string file;
  std::string sha256;
};

Result<Rules> read_rules(const std::filesystem::path& path);

// Everything that the rules need to read.
FactRequest request_of(const Rules& rules);

}  // namespace loopgate
