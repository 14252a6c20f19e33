#include "inspection/result.h"

#include <nlohmann/json.hpp>

#include "inspection/options.h"

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

// Both threads' together.
std::optional<std::uint64_t> allocations_of(const RunResult& result) {
  if (!result.use.allocations || !result.preparing) return result.use.allocations;
  return *result.use.allocations + result.preparing->use.allocations.value_or(0);
}

ThreadFaults faults_of(const RunResult& result) {
  ThreadFaults faults = result.use.faults;
  if (!result.preparing) return faults;
  faults.minor += result.preparing->use.faults.minor;
  faults.major += result.preparing->use.faults.major;
  return faults;
}

Json work_of(const RunResult& result) {
  const ComputedBytes& bytes = result.bytes;
  Json threads = {{{"name", "loop"}, {"cpu_ns", result.use.cpu_ns}}};
  Json moved = {{"capture", bytes.capture}, {"preprocess", bytes.preprocess}, {"network", bytes.network}};
  if (result.preparing) {
    threads.push_back({{"name", "preparing"}, {"cpu_ns", result.preparing->use.cpu_ns}});
    moved["hand_over"] = bytes.hand_over;
  }
  return {{"threads", threads},
          {"shares_cpu", result.preparing && result.preparing->shares_cpu},
          {"computed_bytes_a_frame", moved}};
}

}  // namespace

std::string to_json(const RunResult& result) {
  const LoopCounts& counts = result.counts;
  const ThreadFaults faults = faults_of(result);
  const Json json = {
      {"events", counts.events},
      {"frames", counts.frames},
      {"decisions", counts.decisions},
      {"ok", counts.ok},
      {"ng", counts.ng},
      {"overruns", counts.overruns},
      {"incomplete_scenes", result.incomplete_scenes},
      {"records_not_stored", result.records_not_stored},
      {"allocations", or_null(allocations_of(result))},
      {"minor_faults", faults.minor},
      {"major_faults", faults.major},
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
      {"preprocess_read_back", result.preparing ? own_thread : same_thread},
      {"preprocess_cpu_read_back", result.preparing ? or_null(result.preparing->cpu) : Json()},
      {"warm_up", result.warm_up},
      {"inference_ns",
       {{"stage", durations(counts.inference)}, {"engine_alone", durations(result.engine_alone)}}},
      {"hand_over_ns", durations(counts.hand_over)},
      {"work", work_of(result)},
      {"swaps", swaps(result.swaps)},
  };
  // File names may be invalid UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace loopgate::inspection
