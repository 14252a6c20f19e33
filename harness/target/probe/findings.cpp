#include "target/probe/findings.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

Json slices_of(const ProbeHolder& holder) {
  Json tasks = Json::array();
  const std::uint32_t kept = std::min<std::uint32_t>(holder.slices, probe_slices);
  for (std::uint32_t i = holder.slices - kept; i < holder.slices; ++i) {
    const ProbeSlice& slice = holder.slice[i % probe_slices];
    tasks.push_back({{"task", std::string(slice.name, ::strnlen(slice.name, sizeof(slice.name)))},
                     {"pid", slice.pid},
                     {"priority", slice.priority},
                     {"ns", slice.ns}});
  }
  return tasks;
}

Json json_of(const NamedWait& named) {
  const ProbeHolder& holder = named.wait.holder;
  return {{"number", named.wait.number},
          {"waited_ns", holder.waited_ns},
          {"phase", holder.of_payload != 0 ? "payload wakeup latency" : "irq thread wakeup latency"},
          {"tasks", holder.slices},
          {"last_tasks", slices_of(holder)},
          {"stack", named.stack}};
}

Json json_of(const TracedStimulus& traced) {
  const ProbeRecord& record = traced.record;
  return {{"number", record.number},        {"taken_ns", record.taken_ns}, {"answer_ns", record.answer_ns},
          {"kernel_ns", kernel_ns(record)}, {"pages", traced.pages},       {"cut", traced.cut}};
}

Json json_of(const ProbeReplacement& replacement) {
  return {{"began_ns", replacement.began_ns},
          {"ended_ns", replacement.ended_ns},
          {"number", replacement.number},
          {"twice", replacement.twice}};
}

}  // namespace

std::int64_t cost_ns(const Findings& findings) {
  if (findings.costed == 0) return -1;
  std::uint64_t all_ns = 0;
  for (const FunctionCost& cost : findings.costs) all_ns += cost.ns;
  return static_cast<std::int64_t>(all_ns / findings.costed);
}

std::string file_of(const Findings& findings, const ClockPair& clocks,
                    const std::vector<ProbeRecord>& records) {
  const ProbeHeader header{probe_magic,
                           probe_version,
                           sizeof(ProbeRecord),
                           records.size(),
                           static_cast<std::uint32_t>(findings.transport),
                           static_cast<std::uint16_t>(findings.traced.size()),
                           static_cast<std::uint16_t>(findings.replacements.size()),
                           findings.stimuli,
                           findings.unfinished,
                           findings.lost,
                           cost_ns(findings),
                           clocks.monotonic_ns,
                           clocks.counter,
                           clocks.counter_hz};
  const auto bytes_of = [](const auto& part) {
    return std::string_view(reinterpret_cast<const char*>(&part), sizeof(part));
  };
  std::string bytes(bytes_of(header));
  bytes.reserve(sizeof(header) + (records.size() + findings.traced.size()) * sizeof(ProbeRecord));
  for (const ProbeRecord& record : records) bytes += bytes_of(record);
  for (const TracedStimulus& traced : findings.traced) bytes += bytes_of(traced.record);
  for (const ProbeReplacement& replacement : findings.replacements) bytes += bytes_of(replacement);
  return bytes;
}

std::string to_json(const Findings& findings) {
  Json costs = Json::array();
  for (const FunctionCost& cost : findings.costs)
    costs.push_back({{"function", cost.name}, {"calls", cost.calls}, {"ns", cost.ns}});
  Json waits = Json::array();
  for (const NamedWait& wait : findings.waits) waits.push_back(json_of(wait));
  Json traced = Json::array();
  for (const TracedStimulus& stimulus : findings.traced) traced.push_back(json_of(stimulus));
  Json replacements = Json::array();
  for (const ProbeReplacement& each : findings.replacements) replacements.push_back(json_of(each));
  const Json document = {{"transport", name_of(findings.transport)},
                         {"irq", findings.irq},
                         {"stimuli", findings.stimuli},
                         {"events", findings.events},
                         {"lost", findings.lost},
                         {"unfinished", findings.unfinished},
                         {"damaged", findings.damaged},
                         {"cost_stimuli", findings.costed},
                         {"cost_ns", findings.costed > 0 ? Json(cost_ns(findings)) : Json()},
                         {"costs", std::move(costs)},
                         {"long_waits", std::move(waits)},
                         {"traced", std::move(traced)},
                         {"replacements", std::move(replacements)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace loopgate
