// acceptance.toml: what an acceptance measures, and what both sides agreed to before. A strict TOML file; the
// shipped one, suites/irq-to-gpio/acceptance.toml, has each key but `name`:
//
// - title
// - board: --board may name another, which is then a deviation
// - decision_rule: as agreed, in words: the guard band, which the policy has (guard_band_ns), and the risk of
//   a false acceptance
// - agreed: whatever else was agreed to; may be left out
// - signatures: {wanted, of}; may be left out: one of one
// - [[run]], one or more, measured in this order:
// - name: may be left out: the suite's
// - suite
// - policy: a file, from the folder that the plan file is in
// - policy_sha256: may be left out, as may all that follow, which is a deviation; else any other policy is
//   refused
// - kernels, loads, samples, repeat: as of `loopgate run`; left out, they are the suite's own, and a run with
//   any other is refused
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

struct PlannedRun {
  std::string name;
  std::string suite;
  std::string policy;
  std::string policy_sha256 = {};  // empty: not agreed
  std::vector<std::string> kernels = {};
  std::vector<std::string> loads = {};
  std::int64_t samples = 0;  // 0: the suite's
  std::int64_t repeat = 0;
};

struct AcceptancePlan {
  std::string title;
  std::string board;
  std::string decision_rule;
  std::string agreed;
  std::int64_t signatures_wanted = 1;
  std::int64_t signatures_of = 1;
  std::vector<PlannedRun> runs;
};

// A usage error that names file and key: unknown, missing, of a wrong type, out of range, two runs of one
// name, a name that is no plain file name.
Result<AcceptancePlan> parse_acceptance_plan(std::string_view text, const std::string& file_name);

}  // namespace loopgate
