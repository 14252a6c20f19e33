// A sample as a trace.dat, version 6 (man 5 trace-cmd.dat.v6), which trace-cmd and KernelShark open: what
// happened on each CPU, at its absolute virtual time. Why it is written here: decisions/0014.
#pragma once

#include <string>

#include "explain/sample/explained_sample.h"

namespace loopgate {

std::string to_trace_dat(const ExplainedSample& sample);

}  // namespace loopgate
