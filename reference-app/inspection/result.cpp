#include "inspection/result.h"

#include <nlohmann/json.hpp>

namespace loopgate::inspection {

namespace {

using Json = nlohmann::ordered_json;

Json durations(const Durations& durations) {
  if (durations.count == 0) return nullptr;
  return {{"count", durations.count},
          {"min", durations.least_ns},
          {"mean", durations.sum_ns / static_cast<std::int64_t>(durations.count)},
          {"max", durations.most_ns}};
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json swaps(const std::vector<SwapResult>& results) {
  Json all = Json::array();
  for (const SwapResult& one : results)
    all.push_back({{"file", one.file},
                   {"after_frames", or_null(one.after_frames)},
                   {"accepted", one.accepted},
                   {"reason", one.reason},
                   {"in_force_from", one.in_force_from == 0 ? Json(nullptr) : Json(one.in_force_from)}});
  return all;
}

}  // namespace

std::string to_json(const RunResult& result) {
  const LoopCounts& counts = result.counts;
  const Json json = {
      {"events", counts.events},
      {"frames", counts.frames},
      {"decisions", counts.decisions},
      {"ok", counts.ok},
      {"ng", counts.ng},
      {"overruns", counts.overruns},
      {"incomplete_scenes", result.incomplete_scenes},
      {"records_not_stored", result.records_not_stored},
      {"allocations", or_null(result.use.allocations)},
      {"minor_faults", result.use.faults.minor},
      {"major_faults", result.use.faults.major},
      {"peak_memory_kib", result.peak_memory_kib},
      {"engine", result.engine},
      {"model",
       {{"file", result.model.file},
        {"name", result.model.name},
        {"version", result.model.version},
        {"sha256", result.model.sha256}}},
      {"degraded", !result.degraded.empty()},
      {"degraded_reason", result.degraded},
      {"policy_read_back", result.scheduling.policy},
      {"priority_read_back", result.scheduling.priority},
      {"warm_up", result.warm_up},
      {"inference_ns",
       {{"stage", durations(counts.inference)}, {"engine_alone", durations(result.engine_alone)}}},
      {"swaps", swaps(result.swaps)},
  };
  // File names may be invalid UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace loopgate::inspection
