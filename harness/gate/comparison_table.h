// The comparison as a table for a terminal.
#pragma once

#include <string>
#include <vector>

#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// A block for each load: what was measured, then a line for each kernel. Without a verdict its column is left
// out.
std::string comparison_table(const Comparison& comparison, const Verdict* verdict);

// "p50", "p99", ...: the columns, and a group's cells in their order; "-" where there is no figure,
// and for a quantile that so few stimuli do not resolve.
// With `decisions`, those of what the responses said as well.
std::vector<std::string> table_columns(bool decisions);
std::vector<std::string> table_cells(const GroupEvidence& group, bool decisions);
bool has_decisions(const Comparison& comparison);
// What stands below the load's table, a line each: what "-" is, where it first stands for such a quantile,
// which kernels are the same, and which drift (stats/stationarity.h).
std::vector<std::string> table_notes(const Comparison& comparison, const std::string& load);

// "virtual time (1 ns per instruction)" or "wall-clock time"; of an emulator it says that it is one,
// of figures that a program took of itself, by which.
std::string time_base_text(const Comparison& comparison);
// "self-measured by cyclictest"; empty where an instrument measured.
std::string self_measured_text(const Comparison& comparison);

// "10,000 stimuli each", or from how many to how many.
std::string stimuli_each_text(const Comparison& comparison, const std::string& load);

}  // namespace loopgate
