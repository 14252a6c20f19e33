#include "protocol/instrument_event.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_forms.h"

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
// A kind's own: what was awaited in vain, or how far measuring is, which events of the agent do not say.
struct AwaitedOrCounts {
  template <class Json>
  void write(const InstrumentEvent& event, Json* line) const;
  void read(JsonReader* reader, InstrumentEvent* event) const;
};

// What went wrong, or a remark; an error has it always.
struct What {
  template <class Json>
  void write(const InstrumentEvent& event, Json* line) const {
    if (!event.what.empty() || event.kind == Kind::error) (*line)["what"] = event.what;
  }
  void read(JsonReader* reader, InstrumentEvent* event) const {
    if (event->kind == Kind::error || reader->has("what")) reader->required("what", &event->what);
  }
};

// At the loopback program's end, its figures in the event's own object.
struct Loopback {
  template <class Json>
  void write(const InstrumentEvent& event, Json* line) const {
    if (event.loopback) line->update(write_object<Json>(*event.loopback));
  }
  void read(JsonReader* reader, InstrumentEvent* event) const;
};

}  // namespace

static constexpr auto fields_of(const EventFigures*) {
  return std::tuple(field("min", &EventFigures::min), field("p50", &EventFigures::p50),
                    field("p99", &EventFigures::p99), field("max", &EventFigures::max));
}

static constexpr auto fields_of(const LoopbackFigures*) {
  return std::tuple(field("own_share_ns", &LoopbackFigures::own_share),
                    field("late_by_ns", &LoopbackFigures::late_by), field("cpu", &LoopbackFigures::cpu),
                    field("shares_payloads_cpu", &LoopbackFigures::shares_payloads_cpu),
                    field("timer_resolution_ns", &LoopbackFigures::timer_resolution_ns),
                    field("counter_hz", &LoopbackFigures::counter_hz),
                    field("clock_step_ns", &LoopbackFigures::clock_step_ns),
                    field("minor_faults", &LoopbackFigures::minor_faults),
                    field("major_faults", &LoopbackFigures::major_faults),
                    field("priority_read_back", &LoopbackFigures::priority_read_back),
                    field("degraded", &LoopbackFigures::degraded));
}

static constexpr auto fields_of(const PulseCounts*) {
  return std::tuple(field("planned", &PulseCounts::planned), field("due", &PulseCounts::due),
                    field("answered", &PulseCounts::answered), field("late", &PulseCounts::late),
                    field("unanswered", &PulseCounts::unanswered), field("not_sent", &PulseCounts::not_sent),
                    field("spurious", &PulseCounts::spurious));
}

static constexpr auto fields_of(const InstrumentEvent*) {
  return std::tuple(field("event", &InstrumentEvent::kind, ByName(&kinds)), AwaitedOrCounts(), What(),
                    Loopback());
}

namespace {

constexpr auto awaited = field("awaited", &InstrumentEvent::awaited, ByName(&awaited_states));
constexpr auto virtual_time = field("virtual_ns", &InstrumentEvent::virtual_ns);
constexpr auto board_time = field("monotonic_ns", &InstrumentEvent::monotonic_ns);
constexpr auto storm_pulses = field("storm_pulses", &InstrumentEvent::storm_pulses);
constexpr auto longest_turn = sparse("longest_turn_ns", &InstrumentEvent::longest_turn_ns);
constexpr auto counts = inlined(&InstrumentEvent::counts);

template <class Json>
void AwaitedOrCounts::write(const InstrumentEvent& event, Json* line) const {
  if (event.kind == Kind::silent) {
    awaited.write(event, line);
    virtual_time.write(event, line);
  } else if (event.monotonic_ns != 0) {
    board_time.write(event, line);
    counts.write(event, line);
  } else if (event.virtual_ns != 0 || event.storm_pulses != 0 || event.counts != PulseCounts()) {
    virtual_time.write(event, line);
    storm_pulses.write(event, line);
    longest_turn.write(event, line);
    counts.write(event, line);
  }
}

void AwaitedOrCounts::read(JsonReader* reader, InstrumentEvent* event) const {
  if (event->kind == Kind::silent) {
    awaited.read(reader, event);
    virtual_time.read(reader, event);
  } else if (reader->has("planned")) {
    if (reader->has(board_time.key)) {
      board_time.read(reader, event);
    } else {
      virtual_time.read(reader, event);
      storm_pulses.read(reader, event);
      longest_turn.read(reader, event);
    }
    counts.read(reader, event);
  }
}

void Loopback::read(JsonReader* reader, InstrumentEvent* event) const {
  if (reader->has("own_share_ns") || reader->has("clock_step_ns"))
    std::apply([&](const auto&... each) { (each.read(reader, &*event->loopback), ...); },
               fields_of(&event->loopback.emplace()));
}

}  // namespace

std::string to_line(const InstrumentEvent& event) {
  return write_object<json>(event).dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<InstrumentEvent> parse_event(std::string_view line) {
  const auto no_event = [&](const Error& error) {
    return fail(ErrorKind::data, error.what + " (" + std::string(line.substr(0, 200)) + ")");
  };
  auto reader = JsonReader::parse(line, "the instrument's event", JsonReader::line);
  if (!reader) return no_event(reader.error());
  InstrumentEvent event;
  if (auto done = read_object(std::move(*reader), &event); !done) return no_event(done.error());
  return event;
}

}  // namespace loopgate
