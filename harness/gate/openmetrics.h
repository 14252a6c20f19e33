// The verdict and the figures as OpenMetrics 1.0 text, for Prometheus and its kin
// (https://prometheus.io/docs/specs/om/open_metrics_spec/).
//
// Virtual and wall-clock latencies are families of two names, so that no query mixes them; what a program
// measured of itself differs by the label measured_by. A verdict is a StateSet: INVALID and INCONCLUSIVE are
// states of their own, never the absence of a failure. A kernel x load that is INVALID has no figures: its
// series has a gap. Each sample's timestamp is when the run began.
#pragma once

#include <string>

#include "gate/verdict.h"
#include "record/run_record.h"
#include "stats/comparison.h"

namespace loopgate {

std::string to_openmetrics(const Verdict& verdict, const Comparison& comparison, const RunRecord& run);

}  // namespace loopgate
