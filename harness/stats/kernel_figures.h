// What a kernel is compared by in one table beside its statistics: half of a jitter, a task switch, and one
// figure of a program over its replicates. comparison.json has them, so that no report computes any.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "stats/program_evidence.h"
#include "stats/summary.h"
#include "stats/tail.h"

namespace loopgate {

// As published tables have it: what lies between the smallest and the largest latency is ± this around its
// middle.
double half_jitter_ns(const LatencyFigures& latency);

// A figure from the smallest to the largest of the replicates.
struct FigureSpread {
  std::string figure;  // "max", "instructions"
  std::string unit;
  double least = 0;
  double most = 0;
  // Of a maximum where each replicate has a histogram: where the largest of all lies.
  std::optional<LatencyRange> largest = {};

  bool operator==(const FigureSpread&) const = default;
};

// Of the figure that people look at. Nothing where not every replicate has the same one.
std::optional<FigureSpread> chief_spread(const ProgramEvidence& program);

// One switch from a task to another, in ns: half of what `switch-pipe` of suites/primitives takes there and
// back. Nothing of any other program, or where a replicate has no mean.
std::optional<FigureSpread> task_switch(const ProgramEvidence& program);

nlohmann::ordered_json to_json(const std::optional<FigureSpread>& spread);  // null where there is none

}  // namespace loopgate
