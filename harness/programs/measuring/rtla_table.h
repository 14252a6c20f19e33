// What the tools of rtla that the suite runs have in common. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "programs/measuring/program_text.h"
#include "programs/result/self_measurement.h"

namespace loopgate {

// What a suite may give each of them, and `more`, parted by blanks.
std::vector<std::string> rtla_options(const std::string& more);

// What it printed of one kind ("irq", "thread", "user"; empty: of osnoise), of all CPUs together, as
// rtla_hist.h reads it. Nothing where its table has no such column. A data error where the table is damaged,
// or its sums are missing.
Result<std::optional<SelfMeasurement>> rtla_measurement(const std::string& printed,
                                                        const std::vector<std::string>& argv,
                                                        const std::string& kind);

// A latency that rtla lost can be any: no pass rests on the others. Nothing where it lost none.
std::optional<ProgramResult> rtla_lost(const SelfMeasurement& measurement);

// Where it was not started at all, or stopped at its limit; nothing where it came to its end.
std::optional<ProgramResult> rtla_ended_early(const ProgramEnd& end);

}  // namespace loopgate
