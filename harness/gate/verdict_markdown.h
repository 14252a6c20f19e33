// The verdict as a job summary in Markdown: tables, then every check that is no PASS. Below 1 MiB, which is
// what CI systems take: checks beyond that are counted, not listed.
#pragma once

#include <string>

#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

std::string to_markdown(const Verdict& verdict, const Comparison& comparison);

}  // namespace loopgate
