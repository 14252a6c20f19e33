// verdict.json, as far as a history shows it. Its one writer is gate/verdict.cpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "stats/comparison.h"

namespace loopgate {

struct PastVerdict {
  std::string verdict = "NOT GATED";
  std::string policy;  // its title
  std::string suite;
  std::string board;
  std::string time_base;
  std::map<std::pair<std::string, std::string>, std::string> groups;  // by kernel and load
};

// A data error names the key, also where a verdict is none of gate/verdict.h's. `name` stands for the file.
Result<PastVerdict> parse_past_verdict(std::string_view text, const std::string& name);

// Whether a cell of it shows the kernel's fault, which makes it FAIL by any policy.
bool has_failed_kernel(const GroupEvidence& group);

// Why no gate gives this verdict on this run: it is another run's, or softer than what is in it. Empty where
// one may.
std::string why_not_of(const PastVerdict& verdict, const Comparison& run);

}  // namespace loopgate
