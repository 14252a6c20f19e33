// verdict.json, as far as a history shows it. Its one writer is gate/verdict.cpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace loopgate {

struct PastVerdict {
  std::string verdict = "NOT GATED";
  std::string policy;                                                 // its title
  std::map<std::pair<std::string, std::string>, std::string> groups;  // by kernel and load
};

// A data error names the key, also where a verdict is none of gate/verdict.h's. `name` stands for the file.
Result<PastVerdict> parse_past_verdict(std::string_view text, const std::string& name);

}  // namespace loopgate
