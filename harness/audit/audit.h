// Facts held against rules.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "audit/rules.h"

namespace loopgate {

struct AuditFinding {
  std::string name;
  std::string group;
  std::string title;
  Judgement judgement = Judgement::unknown;
  std::string seen;  // what was read, or why nothing was
  std::string from;  // where it was read
  std::string expected;
  std::string why;
  std::string change;
};

struct AuditParameter {
  std::string name;
  std::string title;
  std::string value;   // empty: not given
  std::string source;  // "given", the file that it was read from, or "rules"
};

struct Audit {
  std::vector<std::pair<std::string, std::string>>
      machine;  // in the rules' order; what is not there is left out
  std::vector<AuditParameter> parameters;
  std::vector<AuditFinding> findings;  // in the rules' order
  std::string rules_file;
  std::string rules_sha256;

  std::size_t count(Judgement judgement) const;
};

// A usage error names the parameter that no rule knows, or whose value is not of its kind.
Status check_given(const Rules& rules, const std::map<std::string, std::string>& given);

// Pure: the same facts give the same findings. `given` are parameters by name.
Result<Audit> audit(const Rules& rules, const Facts& facts, const std::map<std::string, std::string>& given);

}  // namespace loopgate
