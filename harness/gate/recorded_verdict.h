// verdict.json, read back: by whoever shows a verdict beside what it is of. Its one writer is
// gate/verdict.cpp.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "stats/comparison.h"

namespace loopgate {

struct RecordedVerdict {
  std::string verdict = "NOT GATED";
  std::string policy;  // its title
  std::string suite;
  std::string board;
  std::string time_base;
  std::string evidence_sha256;
  bool judges_worst_case = false;  // a check of it is of a bound or a hunt
  std::string worst_case_sha256;   // of those; empty in files of earlier versions
  std::map<std::pair<std::string, std::string>, std::string> groups;  // by kernel and load
};

// Of a text without its seal. A data error names the key, also where a verdict is none of gate/verdict.h's.
// `name` stands for the file.
Result<RecordedVerdict> parse_recorded_verdict(std::string_view text, const std::string& name);

// Whether a cell of it shows the kernel's fault, which makes it FAIL by any policy.
bool has_failed_kernel(const GroupEvidence& group);

// Why no gate gives this verdict on this run: it is another run's, or softer than what is in it. Empty where
// one may. `evidence`: what the run has now, as Verdict::evidence_sha256.
std::string why_not_of(const RecordedVerdict& verdict, const Comparison& run, const std::string& evidence);

// The verdict that stands in a run's folder; nothing where there is none. A data error where the file was
// altered, or no gate gives it on this run: it was copied, or what it is of has changed since.
Result<std::optional<RecordedVerdict>> read_recorded_verdict(const std::filesystem::path& folder,
                                                             const Comparison& run,
                                                             const std::string& evidence);

}  // namespace loopgate
