#include "capture/latmon_evidence.h"

#include <memory>
#include <optional>

#include "capture/latmon_tail.h"
#include "gate/evaluate.h"
#include "gate/verdict_files.h"
#include "record/derived_files.h"

namespace loopgate {

namespace fs = std::filesystem;

Comparison evidence_of(const LatmonFile& file) {
  Comparison comparison;
  comparison.suite.name = file.board.suite;
  comparison.board.name = file.board.board;
  comparison.time_base = TimeBase::wall_clock;
  comparison.loads = {{file.board.load, ""}};
  GroupEvidence& group = comparison.groups.emplace_back();
  group.kernel = file.board.kernel;
  group.load = file.board.load;
  group.cells = {"latmon"};
  group.not_counted = "latmon makes no such count: it knows no deadline, and waits for each answer";
  group.pooled = std::make_shared<LatmonTail>(file.data);
  group.summary.counts.scheduled = group.summary.counts.count = group.pooled->count();
  if (!file.why_incomplete.empty()) group.invalid = {{"latmon", "invalid", file.why_incomplete}};
  return comparison;
}

Result<Verdict> judge(const LatmonFile& file, const Policy& policy) {
  return evaluate(evidence_of(file), policy, std::nullopt, Coverage::any_budget);
}

Result<Verdict> gate_latmon(const fs::path& folder, const fs::path& policy) {
  TRY_STATUS(remove_verdict(folder));
  TRY(rules, read_policy(policy));
  TRY(file, read_latmon_file(folder / "latmon.json"));
  TRY(verdict, judge(file, rules));
  TRY_STATUS(write_verdict(folder, verdict, evidence_of(file)));
  return verdict;
}

bool holds_latmon(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "latmon.json", ignored) && !fs::exists(folder / "run.json", ignored);
}

}  // namespace loopgate
