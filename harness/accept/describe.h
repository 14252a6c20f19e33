// What an acceptance says of its runs, computed of them alone: who packs it and who verifies it come to the
// same text, or one of them is wrong.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "accept/acceptance.h"
#include "accept/plan_file.h"
#include "base/result.h"
#include "bundle/pack.h"
#include "record/run_record.h"
#include "stats/tail.h"

namespace loopgate {

// "runs/NAME": with run/, policy.toml and verdict.json, as a bundle of one run has them.
std::string folder_of_run(const std::string& name);

// Of a kernel under a load, in the order of `quantiles`; empty where it has no single samples.
using QuantileIntervals = std::vector<std::optional<LatencyRange>>;

struct AcceptedRun {
  PlannedRun planned;
  RunRecord run;
  std::string policy_sha256;
  JudgedBundle judged;
  std::vector<QuantileIntervals> intervals = {};  // of each of the verdict's groups
};

// Of the samples it keeps the figures alone, as a comparison that is read back does: an acceptance may have
// as many runs as it likes, and holds one's samples at a time.
AcceptedRun accepted_run(const PlannedRun& planned, RunRecord run, std::string policy_sha256,
                         JudgedBundle judged);

// As of any whole (gate/verdict.h): FAIL where a kernel failed, else the worst of the runs'.
VerdictKind verdict_of(const std::vector<AcceptedRun>& runs);

// acceptance.json. `root` has the runs' folders: what was read back of a kernel is read from there.
nlohmann::json describe_acceptance(const AcceptanceRecord& record, const AcceptancePlan& plan,
                                   const std::vector<AcceptedRun>& runs, const std::filesystem::path& root);

}  // namespace loopgate
