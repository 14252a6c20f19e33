// What programs came to that measured by themselves, as a table: a row for each program, a column for each
// kernel.
#pragma once

#include <string>
#include <vector>

#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// "452.3 instructions", "1.92 us" of 1920.4 ns, "0.109 s": four digits are as many as people compare.
std::string program_figure_text(double value, const std::string& unit);

// The head first. With a verdict, its row is the last.
std::vector<std::vector<std::string>> program_rows(const Comparison& comparison, const std::string& load,
                                                   const Verdict* verdict);

// "19 programs, each measured by itself: 14 passed, 5 not applicable" of a load, kernels and replicates
// together.
std::string programs_text(const Comparison& comparison, const std::string& load);

}  // namespace loopgate
