// A sample's way from its stimulus to its response over the CPUs: where the interrupt was taken, where the
// line's irq thread ran, and where the payload did. On it every instant belongs to one phase.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "explain/attribution_tables.h"
#include "explain/cpu_timeline.h"

namespace loopgate {

using CpuTimelines = std::map<std::uint16_t, CpuTimeline>;

// What the timelines hold on the way, with its phases: from 0 to the latency without a gap, where every CPU
// was traced for as long as the way is on it. The payload is whoever moved the pin, on `response_cpu`.
std::vector<Span> critical_path(const CpuTimelines& timelines, const AttributionTables& tables,
                                std::uint16_t response_cpu, std::int64_t latency_ns);

}  // namespace loopgate
