#include "capture/latmon_evidence.h"

#include <memory>

#include "capture/latmon_tail.h"

namespace loopgate {

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

}  // namespace loopgate
