#include "protocol/instrument_event.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_reader.h"

namespace loopgate {
namespace {

using nlohmann::json;
using Kind = InstrumentEvent::Kind;

constexpr std::array<std::pair<const char*, Kind>, 10> kinds = {{{"wired", Kind::wired},
                                                                 {"booted", Kind::booted},
                                                                 {"ready", Kind::ready},
                                                                 {"counting", Kind::counting},
                                                                 {"progress", Kind::progress},
                                                                 {"measured", Kind::measured},
                                                                 {"reported", Kind::reported},
                                                                 {"failed", Kind::failed},
                                                                 {"silent", Kind::silent},
                                                                 {"error", Kind::error}}};
constexpr std::array<std::pair<const char*, AgentState>, 3> awaited_states = {
    {{"boot", AgentState::booted}, {"ready", AgentState::ready}, {"report", AgentState::reported}}};
constexpr std::array<std::pair<const char*, std::uint64_t PulseCounts::*>, 7> counts_by_name = {
    {{"planned", &PulseCounts::planned},
     {"due", &PulseCounts::due},
     {"answered", &PulseCounts::answered},
     {"late", &PulseCounts::late},
     {"unanswered", &PulseCounts::unanswered},
     {"not_sent", &PulseCounts::not_sent},
     {"spurious", &PulseCounts::spurious}}};

template <class Table, class Value>
const char* name_in(const Table& table, Value value) {
  const auto found = std::ranges::find(table, value, &Table::value_type::second);
  return found == table.end() ? "" : found->first;
}

template <class Table, class Value>
void read_name(const Table& table, JsonReader* reader, const std::string& key, Value* out) {
  std::string name;
  reader->required(key, &name);
  const auto found = std::ranges::find_if(table, [&](const auto& entry) { return entry.first == name; });
  if (found == table.end()) return reader->refuse(key, "is " + name + ", which is not known");
  *out = found->second;
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json json_of(const std::optional<EventFigures>& figures) {
  if (!figures) return nullptr;
  return {{"min", figures->min}, {"p50", figures->p50}, {"p99", figures->p99}, {"max", figures->max}};
}

void add_loopback(const LoopbackFigures& figures, json* event) {
  event->update({{"own_share_ns", json_of(figures.own_share)},
                 {"late_by_ns", json_of(figures.late_by)},
                 {"cpu", or_null(figures.cpu)},
                 {"shares_payloads_cpu", or_null(figures.shares_payloads_cpu)},
                 {"timer_resolution_ns", figures.timer_resolution_ns},
                 {"counter_hz", figures.counter_hz},
                 {"clock_step_ns", figures.clock_step_ns},
                 {"minor_faults", figures.minor_faults},
                 {"major_faults", figures.major_faults},
                 {"priority_read_back", figures.priority_read_back},
                 {"degraded", figures.degraded}});
}

void add_counts(const InstrumentEvent& event, json* line) {
  if (event.monotonic_ns != 0) {
    (*line)["monotonic_ns"] = event.monotonic_ns;
  } else {
    (*line)["virtual_ns"] = event.virtual_ns;
    (*line)["storm_pulses"] = event.storm_pulses;
  }
  for (const auto& [name, count] : counts_by_name) (*line)[name] = event.counts.*count;
}

std::optional<EventFigures> read_figures(JsonReader* reader, const std::string& key) {
  if (!reader->has_value(key)) return std::nullopt;
  EventFigures figures;
  JsonReader entry = reader->object(key);
  entry.required("min", &figures.min);
  entry.required("p50", &figures.p50);
  entry.required("p99", &figures.p99);
  entry.required("max", &figures.max);
  (void)entry.finish();
  return figures;
}

LoopbackFigures read_loopback(JsonReader* reader) {
  LoopbackFigures figures;
  figures.own_share = read_figures(reader, "own_share_ns");
  figures.late_by = read_figures(reader, "late_by_ns");
  if (reader->has_value("cpu")) reader->required("cpu", &figures.cpu.emplace());
  if (reader->has_value("shares_payloads_cpu"))
    reader->required("shares_payloads_cpu", &figures.shares_payloads_cpu.emplace());
  reader->required("timer_resolution_ns", &figures.timer_resolution_ns);
  reader->required("counter_hz", &figures.counter_hz);
  reader->required("clock_step_ns", &figures.clock_step_ns);
  reader->required("minor_faults", &figures.minor_faults);
  reader->required("major_faults", &figures.major_faults);
  reader->required("priority_read_back", &figures.priority_read_back);
  reader->required("degraded", &figures.degraded);
  return figures;
}

void read_counts(JsonReader* reader, InstrumentEvent* event) {
  if (!reader->has("planned")) return;  // the agent's own events have none
  if (reader->has("monotonic_ns")) {
    reader->required("monotonic_ns", &event->monotonic_ns);
  } else {
    reader->required("virtual_ns", &event->virtual_ns);
    reader->required("storm_pulses", &event->storm_pulses);
  }
  for (const auto& [name, count] : counts_by_name) reader->required(name, &(event->counts.*count));
}

}  // namespace

std::string to_line(const InstrumentEvent& event) {
  json line = {{"event", name_in(kinds, event.kind)}};
  if (event.kind == Kind::silent) {
    line["awaited"] = name_in(awaited_states, event.awaited);
    line["virtual_ns"] = event.virtual_ns;
  } else if (event.virtual_ns != 0 || event.monotonic_ns != 0 || event.storm_pulses != 0 ||
             event.counts != PulseCounts()) {
    add_counts(event, &line);
  }
  if (!event.what.empty() || event.kind == Kind::error) line["what"] = event.what;
  if (event.loopback) add_loopback(*event.loopback, &line);
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<InstrumentEvent> parse_event(std::string_view line) {
  const auto no_event = [&](const Error& error) {
    return fail(ErrorKind::data, error.what + " (" + std::string(line.substr(0, 200)) + ")");
  };
  auto reader = JsonReader::parse(line, "the instrument's event", JsonReader::line);
  if (!reader) return no_event(reader.error());
  InstrumentEvent event;
  read_name(kinds, &*reader, "event", &event.kind);
  if (event.kind == Kind::silent) {
    read_name(awaited_states, &*reader, "awaited", &event.awaited);
    reader->required("virtual_ns", &event.virtual_ns);
  } else {
    read_counts(&*reader, &event);
  }
  if (event.kind == Kind::error) {
    reader->required("what", &event.what);
  } else {
    reader->optional("what", &event.what);
  }
  if (reader->has("own_share_ns") || reader->has("clock_step_ns")) event.loopback = read_loopback(&*reader);
  if (auto done = reader->finish(); !done) return no_event(done.error());
  return event;
}

}  // namespace loopgate
