// A verdict in lines for a terminal, below the table of figures.
#pragma once

#include <string>

#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// Where there is no verdict, whose remarks say it: "kernel mine: not confirmed: ..." (stats/unconfirmed.h).
std::string unconfirmed_text(const Comparison& comparison);

// One line for each check that is no PASS: "generic x mixed: FAIL: max at most 100 us: ...". Empty when all
// passed.
std::string problems_text(const Verdict& verdict);

// One line for each budget of a latency or a share that passed: "rt x mixed: PASS: p99 38.2 us, at 95 % at
// most 41 us, limit 80 us, 5,000 stimuli". Of some programs' PASS the verdict's table has the figure.
std::string passed_budgets_text(const Verdict& verdict);

// "what ran has passed; 2 programs did not run: a, b -> ..."; empty where the run left out none of which
// the policy demands anything.
std::string left_out_text(const Verdict& verdict);

// "baseline runs/yesterday: 6 of 7 ratios kept"; empty without one.
std::string baseline_text(const Verdict& verdict);

}  // namespace loopgate
