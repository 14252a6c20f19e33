// acceptance.toml: what an acceptance measures, and what both sides agreed to before. A strict TOML file:
//
//   title = "Acceptance of the IRQ to GPIO latency"
//   board = "qemu-virt-arm64"         # --board may name another, which is then a deviation
//   decision_rule = "..."             # as agreed: the guard band in the limits, the risk of a false
//   acceptance agreed = "..."                    # whatever else was agreed to; may be left out signatures =
//   { wanted = 2, of = 3 }    # may be left out: one of one
//
//   [[run]]                           # one or more, measured in this order
//   name = "pin"                      # may be left out: the suite's
//   suite = "irq-to-gpio"
//   policy = "release.toml"           # from the folder that this file is in
//   policy_sha256 = "..."             # may be left out; else any other policy is refused
//   kernels = ["generic"]             # these and the following may be left out: the suite's own
//   loads = ["mixed"]
//   samples = 300                     # as of `loopgate run`
//   repeat = 2
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
