// Judges facts by rules.
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
  std::string seen;  // what was read, or why nothing was read
  std::string from;  // the file that it was read from
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
  std::vector<std::pair<std::string, std::string>> machine;  // in the rules' order, without what is missing
  std::vector<AuditParameter> parameters;
  std::vector<AuditFinding> findings;  // in the rules' order
  std::string rules_file;
  std::string rules_sha256;

  std::size_t count(Judgement judgement) const;
};

// Errors: usage, for a parameter that the rules do not declare, or a value of the wrong kind.
Status check_given(const Rules& rules, const std::map<std::string, std::string>& given);

// Pure: the same facts give the same findings. `given` holds parameters by name.
Result<Audit> audit(const Rules& rules, const Facts& facts, const std::map<std::string, std::string>& given);

}  // namespace loopgate
