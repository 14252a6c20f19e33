// What summary.json, and comparison.json's groups and replicates, have alike.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "stats/summary.h"

namespace loopgate {

class JsonReader;

// The fields that a summary.json and a group share.
nlohmann::ordered_json summary_fields(const Summary& summary, std::int64_t deadline_ns, bool name_cells);

nlohmann::ordered_json or_null(const std::optional<std::int64_t>& figure);

// Null where there are none.
nlohmann::ordered_json to_json(const std::optional<LatencyFigures>& figures);

// What both a group and a replicate of it hold: its counts, and figures that fit them.
void read_latencies(JsonReader* fields, SampleCounts* counts, std::optional<LatencyFigures>* latency,
                    std::optional<LatencyFigures>* with_not_sent);

DecisionCounts read_decisions(JsonReader fields);

}  // namespace loopgate
